"""Areas of the desk for what patrons are given: vouchers, accounts, notices, the shelf."""

import secrets
from dataclasses import dataclass
from functools import partial

from gateway.access.login import Method
from gateway.child import Commands
from gateway.clock import Clock
from gateway.config.model import Config
from gateway.daemon.house import Built
from gateway.desk.accounts import AccountDesk
from gateway.desk.accounts_area import accounts
from gateway.desk.aside import Aside
from gateway.desk.board import BoardDesk, board
from gateway.desk.shelf import ShelfDesk, shelf
from gateway.desk.table import Area
from gateway.desk.vouchers import VoucherDesk, vouchers
from gateway.flows.account_office import AccountOffice
from gateway.flows.board import Board
from gateway.flows.notices import NoticeOffice
from gateway.flows.sign_in import Reception
from gateway.flows.voucher_office import VoucherOffice
from gateway.local_accounts.csv_file import read_accounts, written_accounts
from gateway.local_accounts.first import first_password
from gateway.local_accounts.handout import handout_page
from gateway.ports_accounts import Passwords
from gateway.ports_staff import CommandRunner
from gateway.shelf.folder import ShelfFolder
from gateway.shelf.keeping import FolderKeeper
from gateway.slips import Paper
from gateway.store.board import SqliteNotices, SqlitePurposes
from gateway.store.db import Database
from gateway.store.local_accounts import SqliteAccounts
from gateway.store.voucher_key import voucher_key
from gateway.store.vouchers import SqliteVouchers


@dataclass(frozen=True, slots=True)
class Given:
    """What these areas need of the house."""

    config: Config
    clock: Clock
    database: Database
    reception: Reception
    passwords: Passwords
    board: Board
    shelf: ShelfFolder
    commands: CommandRunner


def patron_areas(house: Built, commands: Commands) -> list[Area]:
    """Of a house that is built."""
    passwords = house.staff.passwords
    return areas_for_patrons(
        Given(
            house.config,
            house.clock,
            house.database,
            house.reception,
            passwords,
            house.board,
            house.shelf,
            commands,
        )
    )


def areas_for_patrons(given: Given) -> list[Area]:
    """The same over what tests build."""
    return [vouchers(_vouchers(given)), accounts(_accounts(given)), board(_board(given)), shelf(_shelf(given))]


def _vouchers(given: Given) -> VoucherDesk:
    config, site = given.config, given.config.site
    office = VoucherOffice(
        SqliteVouchers(given.database),
        partial(voucher_key, config.state.voucher_key),
        given.clock,
        site.zone,
        tuple(config.dns.profiles),
        config.session.profile,
        partial(secrets.token_hex, 16),
    )
    paper = Paper(site.name, config.portal.hostname, site.zone, site.language)
    is_offered = Method.VOUCHER in config.login.offered
    return VoucherDesk(office, given.reception.gate, paper, given.commands, is_offered)


def _accounts(given: Given) -> AccountDesk:
    config, site, clock = given.config, given.config.site, given.clock
    office = AccountOffice(
        SqliteAccounts(given.database),
        given.passwords,
        clock,
        site.zone,
        tuple(config.dns.profiles),
        config.session.profile,
        lambda: first_password(secrets.randbelow),
        read_accounts,
    )
    random_name = partial(secrets.token_urlsafe, 12)
    return AccountDesk(
        office,
        given.reception,
        lambda pairs, language: handout_page(site.name, config.portal.hostname, language, pairs),
        lambda found: written_accounts(found, lambda at: f"{at.astimezone(site.zone):%Y-%m-%d}", clock.now()),
        Method.ACCOUNT in config.login.offered,
        Aside(clock, random_name),
        Aside(clock, random_name),
    )


def _board(given: Given) -> BoardDesk:
    site, purpose, database = given.config.site, given.config.portal.purpose, given.database
    office = NoticeOffice(SqliteNotices(database), given.clock, site.zone)
    texts = {each.key: {"vi": each.vi, "en": each.en} for each in purpose.choices}
    return BoardDesk(office, given.board, site.language, SqlitePurposes(database), texts, purpose.ask)


def _shelf(given: Given) -> ShelfDesk:
    keeper = FolderKeeper(given.shelf, partial(secrets.token_hex, 3))
    return ShelfDesk(keeper, f"http://{given.config.portal.hostname}/shelf/")
