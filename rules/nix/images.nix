# What is shipped of one target: layers, image, Lambda layer; and the image of several targets.
{
  pkgs,
  steps,
  artifactFiles,
}:
let
  inherit (builtins)
    addErrorContext
    attrNames
    attrValues
    concatMap
    concatStringsSep
    filter
    fromJSON
    head
    intersectAttrs
    isList
    isPath
    isString
    listToAttrs
    map
    mapAttrs
    match
    readFile
    removeAttrs
    seq
    toString
    ;

  ids = import ./target-ids.nix;
  flags = import ./flags.nix;
  imageFiles = import ./image-files.nix;
  optionText = import ./option-text.nix;
  shellWord = import ./shell-word.nix;

  # Commands that are given as lists of words, as images hold them, in the form of the options. One of no words is the Dockerfile's.
  commands =
    options:
    mapAttrs (
      name: value:
      if value == [ ] then
        "[]"
      else if isList value then
        concatStringsSep " " (map (word: shellWord (optionText name word)) value)
      else
        value
    ) (select [ "cmd" "entrypoint" ] options);

  # Options of an image that say how its layers are made, and not what is laid on them.
  ofLayers = attrNames (fromJSON (readFile ./options.json)).layersOfImage;
  # Options that both commands have.
  ofBoth = [ "compression" ];

  select = names: options: intersectAttrs (listToAttrs (map (name: { inherit name; value = null; }) names)) options;

  filePath = import ./file-path.nix {
    thing = "base lock";
    usage = "base = ./base.lock.json;";
    maker = "crosswheel image lock";
  };
  readLock =
    given:
    let
      path = filePath given;
      lock =
        addErrorContext "while reading base lock '${toString path}', a JSON document that `crosswheel image lock` makes"
          (fromJSON (readFile path));
      faults = import ./shape.nix {
        form = lockForm;
        held.artifact = lock.artifacts or null;
      } lock;
    in
    if !(lock ? bases) then
      throw "cannot read base lock '${toString path}': it is none; give what `crosswheel image lock` made, or a layout"
    else if faults != [ ] then
      throw "cannot read base lock '${toString path}': ${head faults}; make it anew with `crosswheel image lock`, or undo the edit"
    else
      lock;

  # The form of a base lock, docs/reference/base-lock.md, as far as Nix reads it.
  lockForm = {
    type = "set";
    keys = {
      inherit ((import ./plan-form.nix).keys) artifacts;
      bases = {
        type = "list";
        items = {
          type = "set";
          keys = {
            interpreter = packages;
            platform = "string";
            python = "string";
            standalone = "artifact";
            system = packages;
          };
          needs = [ "platform" "python" ];
        };
      };
    };
    needs = [ "artifacts" ];
  };
  packages = {
    type = "list";
    items = {
      type = "set";
      keys.artifact = "artifact";
      needs = [ "artifact" ];
    };
  };

  # The options that name a base: a base lock, and those of its files that the target's base consists of; a layout as it
  # is.
  baseOptions =
    target: base:
    if (isPath base || isString base) && match ".*\\.json" (toString base) != null then
      let
        lock = readLock base;
        found = filter (
          one: one.platform == target.ociPlatform && one.python == target.abi
        ) lock.bases;
        wanted =
          if target.ociPlatform == null then
            throw "cannot make an image: ${target.kind} is no platform of containers; leave this target out of `targets`"
          else if found == [ ] then
            throw "cannot use base lock '${toString base}': it has no base for ${target.abi} on ${target.ociPlatform}, only for ${
              concatStringsSep ", " (map (one: "${one.python} on ${one.platform}") lock.bases)
            }; lock one more with `crosswheel image lock`"
          else
            found;
        digests = concatMap (
          one:
          map (package: package.artifact) (one.system or [ ] ++ one.interpreter or [ ])
          ++ (if one ? standalone then [ one.standalone ] else [ ])
        ) wanted;
        files = artifactFiles (dirOf base) (select digests lock.artifacts);
      in
      {
        base = seq lock (
          builtins.path {
            path = base;
            name = "base.lock.json";
          }
        );
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
    seq (imageFiles "image" options) steps.runStep {
      name = "image-${target.id}";
      step = "image";
      arguments = flags (
        removeAttrs options ([ "base" ] ++ ofLayers)
        // commands options
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
