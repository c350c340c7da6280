"""The alternatives that maintainer scripts announce."""

from __future__ import annotations

from crosswheel.decide.images.debian_alternatives import Alternative, alternatives_of, chosen_links

_SCRIPT = r"""#!/bin/sh
set -e
case "$1" in
  configure)
    update-alternatives --quiet --install /usr/bin/awk awk /usr/bin/mawk 5 \
        --slave /usr/share/man/man1/awk.1.gz awk.1.gz \
        /usr/share/man/man1/mawk.1.gz --slave /usr/bin/nawk nawk '/usr/bin/mawk' || true
    /usr/bin/update-alternatives --install "/usr/bin/editor" editor /bin/ed -100; echo done
  ;;
esac
for i in java javac; do
    update-alternatives --install /usr/bin/$i $i "$base/bin/$i" 1711
    update-alternatives --install /usr/bin/x x /opt/x "$priority"
done
update-alternatives --install /usr/bin/pager pager /bin/more 50 --slave /usr/share/man/$m m /x --slave /usr/bin/y y /bin/y
# update-alternatives --install /usr/bin/comment comment /bin/comment 1
update-alternatives --remove awk /usr/bin/mawk
update-alternatives --install /usr/bin/short short
echo "update-alternatives --install of an open quote
"
"""


def test_what_stands_in_plain_words_is_known() -> None:
    assert alternatives_of(_SCRIPT) == (
        Alternative(
            link="/usr/bin/awk",
            path="/usr/bin/mawk",
            priority=5,
            slaves=(
                ("/usr/share/man/man1/awk.1.gz", "/usr/share/man/man1/mawk.1.gz"),
                ("/usr/bin/nawk", "/usr/bin/mawk"),
            ),
        ),
        Alternative(link="/usr/bin/editor", path="/bin/ed", priority=-100),
        Alternative(link="/usr/bin/pager", path="/bin/more", priority=50, slaves=(("/usr/bin/y", "/bin/y"),)),
    )


def test_the_highest_priority_is_chosen_with_what_follows_it() -> None:
    one, other, same = (
        Alternative(
            link="/b/awk", path=f"/b/{name}", priority=priority, slaves=((f"/b/{slave}", f"/b/{name}"),)
        )
        for name, priority, slave in (("mawk", 5, "nawk"), ("gawk", 10, "igawk"), ("zawk", 10, "zawk"))
    )
    for order in ((one, other, same), (same, other, one)):
        assert chosen_links(order) == {"/b/awk": "/b/gawk", "/b/igawk": "/b/gawk"}
