"""gateway.phone.form and gateway.lab.patron: a page read as a browser without scripts reads it."""

from gateway.lab.patron import parse_answer
from gateway.phone.form import Form, post_form, title_of

_PAGE = """<!doctype html><html><head><title>
  Thư viện &amp; mạng </title></head><body>
<form action="/lang" method="get"><button name="lang" value="en">English</button></form>
<form action="/accept?x=1" method="POST">
  <input type="hidden" name="token" value="a&amp;b"><input name="next" value="http://www.example.com/">
  <label><input type="checkbox" name="agree" required> I agree</label>
  <input type="text" name="gone" disabled><input type="button" name="no" value="no">
  <button type="submit" name="go" value="1">Go</button><button name="other" value="2">Other</button>
</form><input name="outside" value="x"></body></html>"""


def test_title_is_one_line_of_plain_text() -> None:
    assert title_of(_PAGE) == "Thư viện & mạng"
    assert title_of("<p>none</p>") == ""


def test_form_is_the_first_that_is_posted_with_what_a_browser_sends() -> None:
    assert post_form(_PAGE) == Form(
        "/accept?x=1",
        (("token", "a&b"), ("next", "http://www.example.com/"), ("agree", "on"), ("go", "1")),
    )


def test_page_without_a_posted_form_has_none() -> None:
    assert post_form("<form action='/search'><input name=q></form>") is None


def test_answer_of_curl_is_read() -> None:
    raw = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 303 See Other\r\nLocation: /status\r\nX-A:b\r\n\r\nbody\r\n\r\nmore"
    answer = parse_answer("http://wifi.internal/accept", raw)
    assert (answer.status, answer.location) == (303, "http://wifi.internal/status")
    assert answer.headers["x-a"] == "b"
    assert answer.body == "body\r\n\r\nmore"
