{
  description = "One lock file in, a verified Python wheel repository for every target platform out";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }: import ./rules/nix/outputs.nix { inherit nixpkgs; };
}
