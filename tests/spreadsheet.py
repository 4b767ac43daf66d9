"""Spreadsheets read and made by other programs than ours: the judges of what we write and read.

    spreadsheet.py parts FILE     the standard library alone: every cell of every sheet as it is stored
    spreadsheet.py read FILE      openpyxl: every cell as it is understood
    spreadsheet.py make FILE      openpyxl: the kind of table that departments send
"""

import json
import sys
import xml.etree.ElementTree as tree
import zipfile

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def parts(path):
    book = zipfile.ZipFile(path)
    assert book.testzip() is None
    shared = []
    if "xl/sharedStrings.xml" in book.namelist():
        for item in tree.fromstring(book.read("xl/sharedStrings.xml")).iter(MAIN + "si"):
            shared.append("".join(text.text or "" for text in item.iter(MAIN + "t")))
    names = [sheet.get("name") for sheet in tree.fromstring(book.read("xl/workbook.xml")).iter(MAIN + "sheet")]
    told = {}
    for at, name in enumerate(names, 1):
        cells = {}
        for cell in tree.fromstring(book.read(f"xl/worksheets/sheet{at}.xml")).iter(MAIN + "c"):
            value = cell.find(MAIN + "v")
            kind = "formula" if cell.find(MAIN + "f") is not None else cell.get("t", "n")
            if value is not None:
                text = shared[int(value.text)] if kind == "s" else value.text
                cells[cell.get("r")] = [kind, text]
        told[name] = cells
    return told


def read(path):
    import openpyxl

    book = openpyxl.load_workbook(path)
    return {
        sheet.title: {
            cell.coordinate: [cell.data_type, str(cell.value), bool(cell.quotePrefix)]
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        }
        for sheet in book
    }


def make(path):
    import datetime

    import openpyxl

    book = openpyxl.Workbook()
    hidden = book.active
    hidden.title = "底稿"
    hidden["A1"] = "项目编号"
    hidden.sheet_state = "hidden"
    sheet = book.create_sheet("十月")
    book.active = 1
    sheet["A1"] = "2025年10月进度表（单位：万元）"
    sheet.merge_cells("A1:F1")
    head = ["项目\n编号", "责任部门", "完成投资（万元）", "实际 开工", "阶段", "备注"]
    for at, name in enumerate(head, 1):
        sheet.cell(3, at, name)
    rows = [
        ["CY-01", "水务局", "1,234.5", datetime.date(2024, 3, 15), "在建", "=1+1"],
        ["CY-02", None, 0.1 + 0.2, datetime.date(2024, 5, 1), "前期", "—"],
        ["ＣＹ-03", "园林局", "１２３４．５万元", "2023年9月", "竣工", "两行\n文字"],
        ["CY-04", "园林局", 7, 45366, "暂无", None],
        ["CY-05", "园林局", 8, None, "无", None],
        ["CY-06", "园林局", None, "2025.10", "／", None],
        ["合计", None, "=SUM(C4:C9)", None, None, None],
    ]
    for at, row in enumerate(rows, 4):
        for column, value in enumerate(row, 1):
            sheet.cell(at, column, value)
    sheet["D5"].number_format = "yyyy年m月"
    sheet["F4"].data_type = "s"
    sheet.merge_cells("B4:B5")
    sheet.merge_cells("C7:C8")
    book.save(path)
    return {}


if __name__ == "__main__":
    told = {"parts": parts, "read": read, "make": make}[sys.argv[1]](sys.argv[2])
    print(json.dumps(told, ensure_ascii=False))
