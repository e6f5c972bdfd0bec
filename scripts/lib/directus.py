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
collection("authors", {"field": "id", "type": "uuid", "meta": {"special": ["uuid"]}, "schema": {"is_primary_key": True}}, [field("name", "string"), field("date_created", "timestamp", special=["date-created"])])
collection("pages", number, [field("title", "string")])
for name, kind, related, mirror in (("parent", "integer", "pages", "children"), ("author", "uuid", "authors", "pages")):
    send("POST", "/fields/pages", field(name, kind, special=["m2o"], interface="select-dropdown-m2o"))
    send("POST", f"/fields/{related}", {"field": mirror, "type": "alias", "meta": {"special": ["o2m"], "interface": "list-o2m"}})
    send("POST", "/relations", {"collection": "pages", "field": name, "related_collection": related, "meta": {"one_field": mirror}, "schema": {"on_delete": "NO ACTION"}})
send("POST", "/collections", {"collection": "group", "meta": {"icon": "folder"}, "schema": None})
for start in range(0, items, 50):
    send("POST", "/items/articles", [{"title": f"Größe {n}", "body": None if n % 5 == 0 else f"<p>Text “{n}”</p>"} for n in range(start, min(start + 50, items))])
send("POST", "/items/codes", [{"code": "a/b c", "label": "Schrägstrich"}, {"code": "ü", "label": None}])
send("PATCH", "/items/home", {"headline": "Willkommen"})
authors = [send("POST", "/items/authors", {"name": name})["id"] for name in ("Änne", "Bo")]
send("POST", "/items/pages", [{"title": f"Seite {n}", "author": authors[n % 2]} for n in range(6)])
# 2 lies in 5 and 5 in 6: a child may have a smaller key than its parent.
for child, parent in ((1, 2), (2, 5), (3, 5), (5, 6)):
    send("PATCH", f"/items/pages/{child}", {"parent": parent})
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
