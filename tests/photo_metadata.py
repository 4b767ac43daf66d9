"""Tells everything in a picture file that is not pixels. Written apart from the program, from the
formats' own papers, so that it can be believed about the program.

    python3 tests/photo_metadata.py FILE

Prints one line a finding: `exif`, `gps LATITUDE LONGITUDE`, `orientation N`, `xmp`, `iptc`, `icc`,
`comment`, `text`, `trailer BYTES`, `chunk NAME`; and `size WIDTH HEIGHT` of the picture.
"""

import struct
import sys
import zlib


def tiff(data, out):
    """EXIF is a TIFF: tables of twelve-byte rows."""
    order = "<" if data[:2] == b"II" else ">"
    number = lambda at, form: struct.unpack_from(order + form, data, at)[0]

    def table(at):
        rows = {}
        for row in range(number(at, "H")):
            tag, kind, count = struct.unpack_from(order + "HHI", data, at + 2 + 12 * row)
            rows[tag] = (kind, count, at + 2 + 12 * row + 8)
        return rows

    def degrees(row):
        at = number(row[2], "I")
        parts = [number(at + 8 * k, "I") / number(at + 8 * k + 4, "I") for k in range(3)]
        return round(parts[0] + parts[1] / 60 + parts[2] / 3600, 4)

    first = table(number(4, "I"))
    out.append("exif")
    if 0x0112 in first:
        out.append("orientation %d" % number(first[0x0112][2], "H"))
    if 0x8825 in first:
        place = table(number(first[0x8825][2], "I"))
        out.append("gps %s %s" % (degrees(place[2]), degrees(place[4])))


def jpeg(data, out):
    at = 2
    while True:
        while data[at + 1] == 0xFF:
            at += 1
        marker = data[at + 1]
        assert data[at] == 0xFF, at
        length = struct.unpack_from(">H", data, at + 2)[0]
        body = data[at + 4 : at + 2 + length]
        if marker in (0xC0, 0xC1, 0xC2):
            height, width = struct.unpack_from(">HH", body, 1)
            out.append("size %d %d" % (width, height))
        elif marker == 0xE1 and body.startswith(b"Exif\0\0"):
            tiff(body[6:], out)
        elif marker == 0xE1:
            out.append("xmp")
        elif marker == 0xE2:
            out.append("icc")
        elif marker == 0xED:
            out.append("iptc")
        elif marker == 0xFE:
            out.append("comment")
        elif marker not in (0xE0, 0xDB, 0xC4, 0xDA, 0xDD):
            out.append("chunk %02x" % marker)
        elif marker == 0xE0 and not body.startswith(b"JFIF\0"):
            out.append("chunk e0")
        at += 2 + length
        if marker == 0xDA:
            break
    # Within the picture 0xFF stands only before 0x00 and the restarts; then the next table or the end.
    while True:
        at = data.index(b"\xff", at)
        if data[at + 1] == 0xD9:
            break
        at += 2
    if len(data) > at + 2:
        out.append("trailer %d" % (len(data) - at - 2))


def png(data, out):
    at = 8
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        assert zlib.crc32(name + body) == struct.unpack_from(">I", data, at + 8 + length)[0]
        at += 12 + length
        if name == b"IHDR":
            out.append("size %d %d" % struct.unpack_from(">II", body))
        elif name == b"eXIf":
            tiff(body, out)
        elif name in (b"tEXt", b"iTXt", b"zTXt"):
            out.append("text")
        elif name not in (b"IDAT", b"IEND", b"PLTE"):
            out.append("chunk " + name.decode())


def webp(data, out):
    at = 12
    while at + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, at)
        if name == b"EXIF":
            tiff(data[at + 8 : at + 8 + length], out)
        elif name == b"XMP ":
            out.append("xmp")
        at += 8 + length + length % 2


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    out = []
    if data.startswith(b"\xff\xd8"):
        jpeg(data, out)
    elif data.startswith(b"\x89PNG"):
        png(data, out)
    elif data[8:12] == b"WEBP":
        webp(data, out)
    else:
        sys.exit("not a picture this reader knows")
    print("\n".join(out))


main()
