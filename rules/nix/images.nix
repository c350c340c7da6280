# What is shipped of one target: layers, image, Lambda layer; and the image of several targets.
{
  pkgs,
  steps,
  artifactFiles,
}:
let
  inherit (builtins)
    attrNames
    attrValues
    concatMap
    elem
    filter
    fromJSON
    intersectAttrs
    isPath
    listToAttrs
    map
    match
    readFile
    removeAttrs
    toString
    ;

  ids = import ./target-ids.nix;
  flags = import ./flags.nix;

  # Options of an image that say how its layers are made, and not what is laid on them.
  ofLayers = [
    "bytecode"
    "changes-often"
    "environment"
    "max-layers"
    "own-wheel"
  ];
  # Options that both commands have.
  ofBoth = [ "compression" ];

  select = names: options: intersectAttrs (listToAttrs (map (name: { inherit name; value = null; }) names)) options;

  # The options that name a base: a base lock, and those of its files that the target's base consists of; a layout as it
  # is.
  baseOptions =
    target: base:
    if isPath base && match ".*\\.json" (toString base) != null then
      let
        lock = fromJSON (readFile base);
        wanted = filter (
          one: one.platform == target.ociPlatform && one.python == target.abi
        ) lock.bases;
        digests = concatMap (
          one:
          map (package: package.artifact) (one.system or [ ] ++ one.interpreter or [ ])
          ++ (if one ? standalone then [ one.standalone ] else [ ])
        ) wanted;
        files = artifactFiles (dirOf base) (select digests lock.artifacts);
      in
      {
        base = builtins.path {
          path = base;
          name = "base.lock.json";
        };
        file = attrValues files;
      }
    else
      { inherit base; };
in
{
  # The image of one target. `options` are those of `step image` and, of them, `ofLayers` those of `step layer`.
  imageOf =
    { target, layers }:
    options:
    steps.runStep {
      name = "image-${target.id}";
      step = "image";
      arguments = flags (
        removeAttrs options ([ "base" ] ++ ofLayers)
        // baseOptions (ids.parse target.id) options.base
        // {
          inherit layers;
        }
      );
      attributes = steps.portable;
    };

  # What `options` of an image say of its layers.
  layerOptions = options: { environment = "/opt/venv"; } // select (ofLayers ++ ofBoth) options;

  # One image of several.
  indexOf =
    name: options: images:
    steps.runStep {
      inherit name;
      step = "index";
      arguments = map (image: "${image}") images ++ flags (select [ "annotation" ] options);
      attributes = steps.portable;
    };
}
