"""Fills a Directus for tests: directus.py URL TOKEN ITEMS. Used by scripts/directus."""

import json
import sys
import urllib.request

url, token, items = sys.argv[1], sys.argv[2], int(sys.argv[3])


def send(method, path, body, kind="application/json"):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, {"Content-Type": kind, "Authorization": "Bearer " + token}, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["data"]


def collection(name, key, fields, **meta):
    send("POST", "/collections", {"collection": name, "meta": meta, "schema": {}, "fields": [key, *fields]})


number = {"field": "id", "type": "integer", "meta": {"hidden": True}, "schema": {"is_primary_key": True, "has_auto_increment": True}}
code = {"field": "code", "type": "string", "schema": {"is_primary_key": True}}


def field(name, kind, **meta):
    return {"field": name, "type": kind, "meta": meta, "schema": {}}


collection("articles", number, [field("title", "string"), field("body", "text"), field("date_updated", "timestamp", special=["date-updated"])])
collection("codes", code, [field("label", "string")])
collection("home", number, [field("headline", "string")], singleton=True)
send("POST", "/collections", {"collection": "group", "meta": {"icon": "folder"}, "schema": None})
for start in range(0, items, 50):
    send("POST", "/items/articles", [{"title": f"Größe {n}", "body": None if n % 5 == 0 else f"<p>Text “{n}”</p>"} for n in range(start, min(start + 50, items))])
send("POST", "/items/codes", [{"code": "a/b c", "label": "Schrägstrich"}, {"code": "ü", "label": None}])
send("PATCH", "/items/home", {"headline": "Willkommen"})
top = send("POST", "/folders", {"name": "Pictures"})
send("POST", "/folders", {"name": "2026", "parent": top["id"]})
send("POST", "/roles", {"name": "Editors", "icon": "edit", "description": "They write"})
send("POST", "/translations", {"language": "de-DE", "key": "hello", "value": "Grüß Gott"})
flow = send("POST", "/flows", {"name": "Notify", "trigger": "manual", "status": "inactive", "options": {"collections": ["articles"]}})
send("POST", "/operations", {"name": "Log", "key": "log", "type": "log", "position_x": 19, "position_y": 1, "options": {"message": "Hi"}, "flow": flow["id"]})
board = send("POST", "/dashboards", {"name": "Numbers", "icon": "space_dashboard"})
send("POST", "/panels", {"dashboard": board["id"], "name": "Count", "type": "label", "position_x": 1, "position_y": 1, "width": 12, "height": 6, "options": {"text": "Hi"}})
line = "\r\n"
send("POST", "/files", line.join(["--edge", 'Content-Disposition: form-data; name="file"; filename="note.txt"', "Content-Type: text/plain", "", "Grüße aus der Datei", "--edge--", ""]).encode(), "multipart/form-data; boundary=edge")
print(f"{items} articles")
