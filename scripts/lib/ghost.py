"""Sets up and fills a Ghost for tests: ghost.py setup URL | seed URL KEY MEMBERS. Used by scripts/ghost."""

import base64
import hashlib
import hmac
import http.cookiejar
import json
import secrets
import sys
import time
import urllib.request

LEXICAL = '{"root":{"children":[{"children":[{"detail":0,"format":0,"mode":"normal","style":"","text":"%s","type":"extended-text","version":1}],"direction":"ltr","format":"","indent":0,"type":"paragraph","version":1}],"direction":"ltr","format":"","indent":0,"type":"root","version":1}}'


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def token(key):
    identity, secret = key.split(":")
    now = int(time.time())
    content = b".".join(encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT", "kid": identity}, {"iat": now, "exp": now + 300, "aud": "/admin/"}))
    return (content + b"." + encoded(hmac.new(bytes.fromhex(secret), content, hashlib.sha256).digest())).decode()


def setup(url):
    """The owner signs in once, to make an integration; prints its Admin API key."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    password = secrets.token_hex(16)

    def post(path, body):
        request = urllib.request.Request(url + "/ghost/api/admin" + path, json.dumps(body).encode(), {"Content-Type": "application/json", "Origin": url})
        with opener.open(request) as answer:
            return answer.read()

    post("/authentication/setup/", {"setup": [{"name": "Ada", "email": "ada@example.com", "password": password, "blogTitle": "Letters"}]})
    post("/session/", {"username": "ada@example.com", "password": password})
    integration = json.loads(post("/integrations/?include=api_keys", {"integrations": [{"name": "ListBackup"}]}))["integrations"][0]
    print(next(key["secret"] for key in integration["api_keys"] if key["type"] == "admin"))


def seed(url, key, members):
    def post(path, name, body, query=""):
        headers = {"Content-Type": "application/json", "Authorization": "Ghost " + token(key), "Accept-Version": "v6.0"}
        request = urllib.request.Request(f"{url}/ghost/api/admin/{path}/{query}", json.dumps({name: [body]}).encode(), headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)[name][0]

    names = ["Zoë Okafor", "Łukasz O'Neill", "Søren Müller", "美咲 Sato", None]
    weekly = post("newsletters", "newsletters", {"name": "Weekly", "description": "Jede Woche", "subscribe_on_signup": False})
    monthly = post("newsletters", "newsletters", {"name": "Monthly", "subscribe_on_signup": False})
    tags = [post("tags", "tags", {"name": f"Größe {n}", "slug": f"size-{n}", "description": f"Number {n}"}) for n in range(1, 4)]
    post("tiers", "tiers", {"name": "Gold", "description": "For friends", "monthly_price": 700, "yearly_price": 7000, "currency": "eur", "benefits": ["Thanks", "More thanks"]})
    for n in range(members):
        lists = [[], [weekly], [weekly, monthly], [monthly]][n % 4]
        post("members", "members", {
            "email": f"person{n}@example.com", "name": names[n % 5] or "", "note": "VIP since 2019" if n % 7 == 0 else "",
            "labels": [{"name": f"Label {n % 3}"}] if n % 2 else [], "newsletters": [{"id": one["id"]} for one in lists]})
    for n in range(12):
        post("posts", "posts", {
            "title": f"Post {n} – “quoted”", "slug": f"post-{n}", "lexical": LEXICAL % f"Grüße {n}", "status": "published" if n % 3 else "draft", "featured": n == 1,
            "published_at": f"2024-01-{n + 1:02}T09:00:00.000Z" if n % 3 else None, "tags": [{"id": tags[n % 3]["id"]}], "custom_excerpt": f"Short {n}" if n % 2 else None})
    post("pages", "pages", {"title": "Imprint", "slug": "imprint", "lexical": LEXICAL % "Über uns", "status": "published"})
    print(f"{members} members, 12 posts")


if __name__ == "__main__":
    setup(sys.argv[2]) if sys.argv[1] == "setup" else seed(sys.argv[2], sys.argv[3], int(sys.argv[4]))
