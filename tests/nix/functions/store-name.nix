# Cases of rules/nix/store-name.nix.
let
  storeName = import ../../../rules/nix/store-name.nix;
in
{
  exports = [ "store-name" ];

  "store-name: what the store takes stays as it is" = {
    expr = storeName "numpy-2.0+cpu_x-cp311-cp311-manylinux_2_28_aarch64.whl";
    expected = "numpy-2.0+cpu_x-cp311-cp311-manylinux_2_28_aarch64.whl";
  };
  "store-name: an epoch, and letters of a user's file" = {
    expr = map storeName [
      "demo-1!2.0~rc%1.tar.gz"
      "fix it (ü).patch"
      ".hidden"
    ];
    expected = [
      "demo-1-2.0-rc-1.tar.gz"
      "fix-it-----.patch"
      "-.hidden"
    ];
  };
}
