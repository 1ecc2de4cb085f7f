from types import SimpleNamespace

import pytest

from partsim.errors import InputError
from partsim.scenario_file.reading import read_scenario
from partsim.scenario_file.template import init_text


@pytest.fixture
def case(tmp_path):
    """A small scenario that can be changed as text, read, and asked for its problems."""

    def read(*changes, replace=(), text=None):
        content = init_text() if text is None else text
        for old, new in replace:
            assert old in content
            content = content.replace(old, new)
        (tmp_path / "case.yaml").write_bytes(
            content if isinstance(content, bytes) else content.encode()
        )
        return read_scenario(tmp_path / "case.yaml", changes)

    def problems(*changes, **how):
        with pytest.raises(InputError) as caught:
            read(*changes, **how)
        return str(caught.value).replace(f"{tmp_path}/", "").splitlines()

    return SimpleNamespace(read=read, problems=problems, folder=tmp_path)
