"""Where search engines and YouTube are led: each name to the safe variant its owner offers for networks such as ours.

In: the two levels of a profile's moment. Out: name -> target, exact names only (policy.View.safe). Pure: facts.

Search engines offer one safe variant by DNS, so that every level above OFF leads there; YouTube offers two, and is a
switch of its own: its restricted mode hides comments and many lessons with them.
Sources: the engines' own pages for network administrators; Google's list of its country names
(www.google.com/supported_domains). Yandex documents an address (213.180.193.56); familysearch.yandex.ru is its name,
and a name follows when the address moves. Brave's and Qwant's targets are as other filters have them.
cốc cốc, Yahoo, Baidu and some others offer no such variant: whether they stay open is a category's decision
(shipped list search-unsafe).
"""

from collections.abc import Mapping
from functools import cache

from filters.settings import SafeSearch

_GOOGLE = """
    com ad ae al am as at az ba be bf bg bi bj bs bt by ca cat cd cf cg ch ci cl cm cn cv cz de dj dk dm dz ee es fi fm
    fr ga ge gg gl gm gp gr gy hn hr ht hu ie im iq is it je jo kg ki kz la li lk lt lu lv md me mg mk ml mn ms mu mv mw
    ne nl no nr nu pl pn ps pt ro rs ru rw sc se sh si sk sm sn so sr st td tg tk tl tm tn to tt vg vu ws
    co.ao co.bw co.ck co.cr co.id co.il co.in co.jp co.ke co.kr co.ls co.ma co.mz co.nz co.th co.tz co.ug co.uk co.uz
    co.ve co.vi co.za co.zm co.zw
    com.af com.ag com.ai com.ar com.au com.bd com.bh com.bn com.bo com.br com.bz com.co com.cu com.cy com.do com.ec
    com.eg com.et com.fj com.gh com.gi com.gt com.hk com.jm com.kh com.kw com.lb com.ly com.mm com.mt com.mx com.my
    com.na com.nf com.ng com.ni com.np com.om com.pa com.pe com.pg com.ph com.pk com.pr com.py com.qa com.sa com.sb
    com.sg com.sl com.sv com.tj com.tr com.tw com.ua com.uy com.vc com.vn co
"""
_YANDEX = """
    yandex.az yandex.by yandex.co.il yandex.com yandex.com.am yandex.com.ge yandex.com.ru yandex.com.tr yandex.de
    yandex.ee yandex.eu yandex.fi yandex.fr yandex.kz yandex.lt yandex.lv yandex.md yandex.net yandex.org yandex.pl
    yandex.ru yandex.tj yandex.tm yandex.uz ya.ru xn--d1acpjx3f.xn--p1ai
"""
_ENGINES = {
    "strict.bing.com": "www.bing.com edgeservices.bing.com",
    "safe.duckduckgo.com": "duckduckgo.com www.duckduckgo.com start.duckduckgo.com",
    "strict-safe-search.ecosia.org": "www.ecosia.org",
    "safesearch.pixabay.com": "pixabay.com",
    "forcesafe.search.brave.com": "search.brave.com",
    "safeapi.qwant.com": "api.qwant.com",
}
_YOUTUBE = (
    "www.youtube.com",
    "m.youtube.com",
    "youtubei.googleapis.com",
    "youtube.googleapis.com",
    "www.youtube-nocookie.com",
)
_YOUTUBE_TARGETS = {
    SafeSearch.MODERATE: "restrictmoderate.youtube.com",
    SafeSearch.STRICT: "restrict.youtube.com",
}


@cache
def targets(safe_search: SafeSearch, youtube: SafeSearch) -> Mapping[str, str]:
    """Names and the name each is made an alias of; empty when both are off. Not to be changed by the caller."""
    found: dict[str, str] = {}
    if safe_search is not SafeSearch.OFF:
        found |= {f"www.google.{ending}": "forcesafesearch.google.com" for ending in _GOOGLE.split()}
        found |= {host: "familysearch.yandex.ru" for name in _YANDEX.split() for host in (name, f"www.{name}")}
        found |= {name: target for target, names in _ENGINES.items() for name in names.split()}
    if youtube is not SafeSearch.OFF:
        found |= dict.fromkeys(_YOUTUBE, _YOUTUBE_TARGETS[youtube])
    return found
