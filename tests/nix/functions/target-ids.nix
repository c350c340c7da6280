# Cases of rules/nix/target-ids.nix.
let
  inherit (import ../example.nix) amd arm musl;
  ids = import ../../../rules/nix/target-ids.nix;
in
{
  exports = map (name: "target-ids.${name}") (builtins.attrNames ids);

  "target-ids.parse: Linux" = {
    expr = ids.parse "cp313t-linux_armv7l_musl_1_2";
    expected = {
      abi = "cp313t";
      python = "3.13t";
      kind = "linux_armv7l_musl";
      os = "linux";
      arch = "armv7l";
      libc = "musl";
      gnu = "arm-linux-musleabihf";
      name = "linux_arm_v7_musl";
      ociPlatform = "linux/arm/v7";
      platform = "linux_armv7l_musl_1_2";
      support = "select, cross build";
      system = "armv7l-linux";
    };
  };
  "target-ids.parse: macOS, Windows" = {
    expr = map (id: (ids.parse id).system) [
      "cp311-macos_aarch64_11_0"
      "cp311-windows_x86_64"
    ];
    expected = [
      "aarch64-darwin"
      "x86_64-windows"
    ];
  };
  "target-ids.parse: what Nix has no system for, and containers have none" = {
    expr =
      map
        (
          id:
          let
            target = ids.parse id;
          in
          [
            target.kind
            target.system
            target.ociPlatform
          ]
        )
        [
          "cp313-android_aarch64_24"
          "cp313-ios_aarch64_iphoneos_13_0"
          "cp313-emscripten_wasm32_2025_0"
        ];
    expected = map (kind: [ kind null null ]) [
      "android_aarch64"
      "ios_aarch64_iphoneos"
      "emscripten_wasm32"
    ];
  };
  "target-ids.parse: what is no platform" = {
    expr = ids.parse "cp313-plan9_aarch64_4";
    refused = "cannot use target 'cp313-plan9_aarch64_4': Nix knows android_aarch64, ";
  };
  "target-ids.namesOf" = {
    expr = ids.namesOf arm;
    expected = [
      arm
      "linux_aarch64_glibc_2_28"
      "linux_aarch64_glibc"
      "linux_arm64"
      "linux_aarch64"
      "aarch64"
    ];
  };
  "target-ids.byName: a name of one target" = {
    expr = (ids.byName [ arm amd ] (id: id)).x86_64;
    expected = amd;
  };
  "target-ids.byName: a name of several" = {
    expr = (ids.byName [ arm musl ] (id: id)).aarch64;
    refused = "cannot choose target 'aarch64': it is several of the plan's; name one of ${arm}, ${musl}";
  };
  "target-ids.kinds: no name is a part of another one with a version" = {
    expr = builtins.filter (kind: (ids.parse "cp311-${kind}_1_2").kind != kind) (builtins.attrNames ids.kinds);
    expected = [ ];
  };
  "target-ids.machineKind" = {
    expr = [
      (ids.machineKind "x86_64-linux" "glibc")
      (ids.machineKind "aarch64-darwin" "glibc")
    ];
    expected = [
      "linux_x86_64_glibc"
      "macos_aarch64"
    ];
  };
  "target-ids.machineKind: an unknown system" = {
    expr = ids.machineKind "riscv32-none" "glibc";
    refused = "cannot build on 'riscv32-none': no machine of this kind is known; Nix knows linux_aarch64_glibc, ";
  };
  "target-ids.machinesOf" = {
    expr = ids.machinesOf "linux_x86_64_glibc" [
      amd
      arm
      "cp311-linux_x86_64_musl_1_2"
    ];
    expected = [ amd ];
  };
}
