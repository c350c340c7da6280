# Unpacks Debian's packages into $out, merged into /usr, and names their loader and libraries there.
set -eu
mkdir applets "$out"
$busybox --install -s applets
export PATH=$PWD/applets
for folder in bin lib lib64 sbin; do
    mkdir -p "$out/usr/$folder"
    ln -s "usr/$folder" "$out/$folder"
done
for package in $packages; do
    mkdir unpacked
    dpkg-deb -x "$package" unpacked
    for folder in bin lib lib64 sbin; do
        if [ -d "unpacked/$folder" ] && [ ! -L "unpacked/$folder" ]; then
            mkdir -p "unpacked/usr/$folder"
            cp -a "unpacked/$folder/." "unpacked/usr/$folder/"
        fi
    done
    rm -rf unpacked/usr/share/doc unpacked/usr/share/man unpacked/usr/share/locale
    chmod -R u+w unpacked
    cp -a unpacked/usr/. "$out/usr/"
    rm -rf unpacked
done

libraries=$out/usr/lib/x86_64-linux-gnu
loader=$libraries/ld-linux-x86-64.so.2
ln -sf "../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" "$out/usr/lib64/ld-linux-x86-64.so.2"
# A copy with libraries of its own, for it rewrites files where they are.
mkdir editor
cp "$out/usr/bin/patchelf" "$loader" "$libraries"/libc.so.6 "$libraries"/libm.so.6 "$libraries"/libgcc_s.so.1 \
    "$libraries"/libstdc++.so.6 editor
edit() { editor/ld-linux-x86-64.so.2 --library-path editor editor/patchelf "$@"; }
for file in "$out"/usr/bin/* "$libraries"/*.so* "$out"/usr/lib/python3*/lib-dynload/*.so; do
    case $file in */ld-linux* | */libc.so.6) continue ;; esac
    [ ! -L "$file" ] && [ "$(head -c 4 "$file" | tail -c 3)" = ELF ] || continue
    edit --force-rpath --set-rpath "$libraries" "$file"
    if edit --print-interpreter "$file" >/dev/null 2>&1; then edit --set-interpreter "$loader" "$file"; fi
done
