"""Programs that every system has and everything on it relies on: those of Debian 12's essential packages."""

from __future__ import annotations

__all__ = ["SYSTEM_PROGRAMS"]

#: https://www.debian.org/doc/debian-policy/ch-binary.html#essential-packages; without names that carry a version.
SYSTEM_PROGRAMS = frozenset(
    """
    [ add-shell addpart agetty arch b2sum base32 base64 basename basenc bash bashbug blkdiscard blkid blkzone
    blockdev captoinfo cat chcon chcpu chgrp chmem chmod choom chown chroot chrt cksum clear clear_console cmp
    comm cp csplit ctrlaltdel cut dash date dd deb-systemd-helper deb-systemd-invoke delpart df diff diff3 dir
    dircolors dirname dmesg dnsdomainname domainname dpkg dpkg-deb dpkg-divert dpkg-fsys-usrunmess
    dpkg-maintscript-helper dpkg-query dpkg-realpath dpkg-split dpkg-statoverride dpkg-trigger du echo egrep
    env expand expr factor faillog fallocate false fgrep find findfs findmnt flock fmt fold fsck fsck.cramfs
    fsck.minix fsfreeze fstab-decode fstrim getconf getent getopt getty grep groups gunzip gzexe gzip hardlink
    head hostid hostname i386 iconv iconvconfig id infocmp infotocap install installkernel invoke-rc.d ionice
    ipcmk ipcrm ipcs ischroot isosize join killall5 last lastb lastlog ld.so ldattach ldconfig ldd link
    linux32 linux64 ln locale localedef logger login logname ls lsblk lscpu lsipc lslocks lslogins lsmem lsns
    mcookie md5sum mesg mkdir mkfifo mkfs mkfs.bfs mkfs.cramfs mkfs.minix mknod mkswap mktemp more mountpoint
    mv namei newgrp nice nisdomainname nl nohup nologin nproc nsenter numfmt od partx paste pathchk perl pidof
    pinky pivot_root pldd pr printenv printf prlimit ptx pwd rbash readlink readprofile realpath remove-shell
    renice reset resizepart rev rgrep rm rmdir rmt-tar rtcwake run-parts runcon runuser savelog script
    scriptlive scriptreplay sdiff sed seq service setarch setpriv setsid setterm sg sh sha1sum sha224sum
    sha256sum sha384sum sha512sum shred shuf sleep sort split start-stop-daemon stat stdbuf stty su sulogin
    sum swaplabel switch_root sync tabs tac tail tar tarcat taskset tee tempfile test tic timeout toe touch
    tput tr true truncate tset tsort tty tzselect uclampset uname uncompress unexpand uniq unlink unshare
    update-alternatives update-passwd update-rc.d update-shells users vdir wall wc wdctl whereis which who
    whoami wipefs x86_64 xargs yes ypdomainname zcat zcmp zdiff zdump zegrep zfgrep zforce zgrep zic zless
    zmore znew zramctl
    """.split()  # noqa: SIM905
)
