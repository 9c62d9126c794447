"""A restore that was decided is put in place before anything else, by the gateway's start."""

from gateway.backup.places import Places
from gateway.backup.placing import clear, finish, held
from gateway.config.fields import Path
from gateway.config.model import Config
from gateway.log import event
from gateway.store.snapshot import alone


def put_in_place(config: Config, path: Path) -> bool:
    """Whether one was: settings may be others now. GatewayError when it can't be; the next start goes on with it."""
    state = config.state.directory
    places = Places(state, config.shelf_path, path.absolute())
    with held(state / "restore.lock", state) as is_ours:
        if not is_ours:
            return False  # a command is at it; the gateway is told when it is decided
        done = finish(places, alone)
        clear(places)
    if done is None:
        return False
    event("backup.restored", taken_at=done.taken_at, files=len(done.placed))
    return True
