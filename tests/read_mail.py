"""Reads the letters of a Maildir as a mail program would, and prints each as a line of JSON.

    python3 tests/read_mail.py FOLDER
"""

import email
import email.policy
import json
import pathlib
import sys

for path in sorted(pathlib.Path(sys.argv[1], "new").glob("*")):
    with open(path, "rb") as file:
        letter = email.message_from_binary_file(file, policy=email.policy.default)
    print(json.dumps({
        "from": str(letter["From"]),
        "to": str(letter["To"]),
        "subject": str(letter["Subject"]),
        "text": letter.get_content(),
    }))
