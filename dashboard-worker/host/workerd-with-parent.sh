#!/bin/sh
# Runs workerd so that it ends with the process that started it, also when that one is killed: an orphan would keep the
# port, and the next start would fail. Where there is no setpriv (util-linux), a clean stop still ends it.
if command -v setpriv >/dev/null 2>&1; then
  exec setpriv --pdeathsig KILL "$STAIRGATE_WORKERD" "$@"
fi
exec "$STAIRGATE_WORKERD" "$@"
