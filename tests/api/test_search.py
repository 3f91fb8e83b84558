"""Search on the page and for programs: what is found by what, by whom, and that nothing sent to it does harm."""

from __future__ import annotations

import pytest

from config.words import CustomerStatus, CustomerType, Department
from models.operations.applications import set_identifier
from models.operations.cases import open_case
from models.processes import ProcessKind
from models.tables import Customer, Person

KIND = ProcessKind("toy-reception", "RCP", "Toy")
CODE = "91320300MA1MRWPX2H"
STEEL, BANK, ACME, SHAN = "徐州恒远钢铁贸易有限公司", "重庆银行", "ACME（上海）Steel", "单雄信"


@pytest.fixture
def company(office) -> list[str]:
    """Four customers: 李娜 handles the steel trader, 孙涛 the others; three cases of the first, one of the bank's.

    Returns the references, the oldest first."""
    with office.house.work() as work:
        people = {name: work.session.get_one(Person, name) for name in ("li.na", "sun.tao")}
        made = []
        for name, kind, handler in (
            (STEEL, CustomerType.MEDIUM, "li.na"),
            (BANK, CustomerType.INSTITUTION, "sun.tao"),
            (ACME, CustomerType.LARGE, "sun.tao"),
            (SHAN, CustomerType.INDIVIDUAL, "sun.tao"),
        ):
            status = CustomerStatus.ADMITTED
            made.append(Customer(type=kind, name=name, handler_id=handler, status=status, created_at=work.now))
        set_identifier(work, made[0], CODE)
        work.add(*made)
        refs = []
        for customer, handler in ((made[0], "li.na"),) * 3 + ((made[1], "sun.tao"),):
            whose, opener = customer.id, people[handler]
            case = open_case(
                work, KIND, title=customer.name, customer_id=whose, initiator=opener, handler=opener,
                department=Department.BUSINESS, origin="page",
            )  # fmt: skip
            refs.append(case.ref)
    return refs


def found(office, who: str, query: str, **more: object) -> dict[str, list[str]]:
    answer = office.browser.get("/api/v1/search", params={"q": query, **more}, headers=office.token(who))
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    return {
        "customers": [one["name"] for one in shown["customers"]],
        "cases": [one["ref"] for one in shown["cases"]],
    }


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("恒远钢铁", STEEL),
        ("hygt", STEEL),
        ("HYGT", STEEL),
        ("ｈｙｇｔ", STEEL),
        ("hengyuan", STEEL),
        ("heng yuan", STEEL),
        ("xuzhou 贸易", STEEL),
        (CODE, STEEL),
        (CODE.lower(), STEEL),
        ("K-000001", STEEL),
        ("k-1", STEEL),
        ("1", STEEL),
        ("cqyh", BANK),
        ("chongqing", BANK),
        ("acme", ACME),
        ("ACME(上海)", ACME),
        ("ＡＣＭＥ（上海）", ACME),
        ("sxx", SHAN),
        ("danxiong", SHAN),
        ("shan'xiong", SHAN),
    ],
)
def test_a_customer_is_found_by_whatever_one_knows_of_it(office, company, query, name):
    assert found(office, "chen.yu", query)["customers"] == [name]


@pytest.mark.parametrize("query", ["zhongqing", "恒远 木材", "9132", "K-99", "%", "_", "恒%钢", "hy_t"])
def test_what_only_looks_alike_is_not_found(office, company, query):
    assert found(office, "chen.yu", query)["customers"] == []


def test_the_name_that_begins_so_comes_first(office, company):
    with office.house.work() as work:
        for name in ("江苏恒远物流", "恒远煤炭"):
            work.add(Customer(type=CustomerType.SMALL, name=name, created_at=work.now))
    assert found(office, "chen.yu", "恒远")["customers"] == ["恒远煤炭", STEEL, "江苏恒远物流"]
    assert found(office, "chen.yu", "hy")["customers"][0] == "恒远煤炭"


def test_a_case_is_found_by_reference_by_number_by_title_and_by_its_customer(office, company):
    first, second, third, banks = company
    assert found(office, "wu.gang", first)["cases"] == [first]
    assert found(office, "wu.gang", second.lower())["cases"] == [second]
    assert found(office, "wu.gang", "000003")["cases"] == [third]
    assert found(office, "wu.gang", "3")["cases"][0] == third
    assert found(office, "wu.gang", "rcp-2026")["cases"] == [banks, third, second, first]
    for query in ("恒远", "hygt", "K-000001", CODE):
        assert found(office, "wu.gang", query)["cases"] == [third, second, first], query


def test_nobody_finds_what_is_not_theirs_to_see(office, company):
    assert found(office, "li.na", "hygt") == {"customers": [STEEL], "cases": company[2::-1]}
    assert found(office, "li.na", "cqyh") == {"customers": [], "cases": []}
    for query in (BANK, company[3], "K-000002", "2"):
        assert BANK not in found(office, "li.na", query)["customers"]
        assert company[3] not in found(office, "li.na", query)["cases"]
    assert found(office, "wang.jun", "恒远") == {"customers": [], "cases": []}
    assert office.browser.get("/search?q=hygt").status_code in (303, 401)
    assert office.browser.get("/api/v1/search?q=hygt").status_code == 401


@pytest.mark.parametrize(
    "query",
    ["", "   ", "%", "_", "'; DROP TABLE customer; --", '"', "\\", "\x00", "恒\x00木", "😀", "長" * 3000, "(" * 500,
     "\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace"), "-", "K-", "K-" + "9" * 12, "9" * 60,
     "<script>alert(1)</script>", "{{ 7*7 }}"],
)  # fmt: skip
def test_hostile_input_finds_nothing_and_harms_nothing(office, company, query):
    assert found(office, "chen.yu", query) == {"customers": [], "cases": []}
    page = office.sign_in("chen.yu").get("/search", params={"q": query})
    assert page.status_code == 200
    assert "<script" not in page.text
    assert found(office, "chen.yu", "hygt")["customers"] == [STEEL]


def test_what_a_query_found_is_marked_on_the_page_and_a_name_is_never_markup(office, company):
    with office.house.work() as work:
        work.add(Customer(type=CustomerType.SMALL, name="<b>恒远</b>&amp;子公司", created_at=work.now))
    page = office.sign_in("wu.gang").get("/search?q=hy&lang=en").text
    assert "徐州<mark>恒远</mark>钢铁" in page
    assert "&lt;b&gt;<mark>恒远</mark>&lt;/b&gt;&amp;amp;子公司" in page
    assert f'href="/cases/{company[0]}"' in page


def test_of_many_a_few_are_shown_and_the_rest_is_one_click_away(office, company):
    with office.house.work() as work:
        for number in range(25):
            work.add(Customer(type=CustomerType.SMALL, name=f"淮海物流{number:02d}号", created_at=work.now))
        handler = work.session.get_one(Person, "li.na")
        for number in range(60):
            open_case(
                work, KIND, title=f"季度会议 {number}", initiator=handler, handler=handler,
                department=Department.RISK, origin="page",
            )  # fmt: skip
    browser = office.sign_in("chen.yu")
    page = browser.get("/search?q=hhwl&lang=en").text
    assert page.count('href="/customers/K-') == 20
    assert 'href="/customers?text=hhwl"' in page
    assert len(found(office, "chen.yu", "hhwl", limit=25)["customers"]) == 25

    managers, seen = office.sign_in("wu.gang"), []
    page = managers.get("/search", params={"q": "季度会议"}).text
    assert page.count('href="/cases/RCP-') == 20
    path = "/search?q=%E5%AD%A3%E5%BA%A6%E4%BC%9A%E8%AE%AE&only=cases"
    while path:
        page = managers.get(path).text
        seen += [part.split('"')[0] for part in page.split('href="/cases/RCP-')[1:]]
        onward = [part.split('"')[0] for part in page.split('href="/search?') if "cursor=" in part.split('"')[0]]
        path = "/search?" + onward[0].replace("&amp;", "&") if onward else ""
    assert len(seen) == len(set(seen)) == 60
    assert managers.get("/search?q=x&only=cases&cursor=zzz").status_code == 422


def test_the_list_of_customers_searches_in_the_same_way(office, company):
    browser = office.sign_in("chen.yu")
    for query, name in (("hygt", STEEL), ("chongqing", BANK), ("ACME(上海)", ACME), (CODE, STEEL), ("k-2", BANK)):
        page = browser.get("/customers", params={"text": query}).text
        assert [one for one in (STEEL, BANK, ACME, SHAN) if one in page] == [name], query


def test_a_name_that_changes_is_found_by_the_new_one_only(office, company):
    with office.house.work() as work:
        work.session.get_one(Customer, 1).name = "徐州宏达煤炭有限公司"
    assert found(office, "chen.yu", "xzhd")["customers"] == ["徐州宏达煤炭有限公司"]
    assert found(office, "chen.yu", "hygt")["customers"] == []


def test_whoever_comes_by_an_application_or_a_file_is_found_by_pinyin(office):
    office.apply()
    rows = "客户类型,客户名称,经办人\n小型企业,睢宁面粉有限公司,li.na\n"
    headers = office.token("xu.ming") | {"content-type": "text/csv"}
    assert office.browser.post("/api/v1/customers/import", content=rows.encode(), headers=headers).status_code == 200
    assert found(office, "chen.yu", "hygt")["customers"] == [STEEL]
    assert found(office, "chen.yu", "snmf")["customers"] == ["睢宁面粉有限公司"]
