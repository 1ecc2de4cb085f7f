import pytest

from partsim.errors import InputError
from partsim.tables.encodings import decode_table

CHINESE = "物料编码,物料名称\n0012,主油泵\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (CHINESE.encode(), "UTF-8"),
        (CHINESE.encode("utf-8-sig"), "UTF-8"),
        (CHINESE.encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + CHINESE.encode("utf-16-be"), "UTF-16"),
        (CHINESE.encode("gb18030"), "GB18030"),
        (CHINESE.encode("gb2312"), "GB18030"),
        (CHINESE.replace("\n", "\r\n").encode("gbk"), "GB18030"),
    ],
)
def test_encodings_are_told_apart_by_bytes(content, told):
    assert decode_table(content, "t.csv", None) == (CHINESE, told)


def test_empty_and_ascii_files_are_utf_8():
    assert decode_table(b"", "t.csv", None) == ("", "UTF-8")
    assert decode_table(b"part;price\n", "t.csv", None) == ("part;price\n", "UTF-8")


def test_western_text_is_not_taken_for_chinese():
    with pytest.raises(InputError) as caught:
        decode_table("Größe;Stück\n".encode("cp1252"), "t.csv", None)

    assert str(caught.value) == (
        "t.csv:1:3: expected UTF-8, UTF-16 or GB18030 text, got the byte 0xf6; save the table "
        "as 'CSV UTF-8', or name its encoding, such as 'encoding: cp1252'"
    )


def test_two_accented_letters_do_not_make_a_file_chinese():
    with pytest.raises(InputError, match="got the byte 0xf6"):
        decode_table("Größe\n".encode("cp1252"), "t.csv", None)


def test_a_named_encoding_is_taken():
    assert decode_table("Größe".encode("cp1252"), "t.csv", "cp1252") == ("Größe", "CP1252")
    assert decode_table("料号".encode("utf-16-le"), "t.csv", "utf-16-le") == ("料号", "UTF-16-LE")


@pytest.mark.parametrize(
    ("content", "encoding", "sentence"),
    [
        (b"a\nb\xff", "utf-8", "t.csv:2:2: expected UTF-8 text, got the byte 0xff"),
        (b"\xff\xfea", None, "t.csv: expected UTF-16 text, got something else"),
        (b"\x89PNG\0\0", None, "t.csv: expected UTF-8 text, got a binary (or UTF-16) file"),
        (b"a\0b", "cp1252", "t.csv: expected CP1252 text, got NUL characters"),
    ],
)
def test_what_is_no_text_is_a_sentence(content, encoding, sentence):
    with pytest.raises(InputError) as caught:
        decode_table(content, "t.csv", encoding)
    assert str(caught.value).startswith(sentence)
