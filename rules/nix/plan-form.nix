# The form of everything in a plan, as docs/reference/plan.schema.json has it (a test compares them), for shape.nix. "artifact" is a
# digest that `artifacts` has, "build" the name of one of `builds`.
let
  listOf = items: {
    type = "list";
    inherit items;
  };
  setOf = values: {
    type = "set";
    inherit values;
  };
  # A set of known keys. `needs` are those that it must have for Nix to read it, `one` those of which it has exactly one.
  keyed =
    {
      needs ? [ ],
      one ? [ ],
    }:
    keys: {
      type = "set";
      inherit keys needs one;
    };
  strings = listOf "string";

  plan = keyed { } {
    schema = "int";
    source_date_epoch = "int";
    inputs = setOf "string";
    accept = setOf strings;
    artifacts = setOf artifact;
    builds = setOf build;
    build_platforms = listOf (target [ "id" ]);
    targets = listOf (target [ "id" "wheels" ]);
  };
  artifact = keyed { needs = [ "filename" ]; one = [ "path" "url" ]; } {
    also = strings;
    filename = "string";
    path = "string";
    project = "string";
    size = "int";
    url = "string";
  };
  build = keyed { needs = [ "environments" "name" "target" "version" ]; } {
    accept = strings;
    accept_build_facts = "bool";
    backend = "string";
    backend_path = strings;
    cargo_locks = listOf (keyed { needs = [ "artifact" "path" ]; } {
      artifact = "artifact";
      path = "string";
    });
    config_settings = setOf { either = [ "string" strings ]; };
    crates = listOf "artifact";
    declared = setOf strings;
    downloads = listOf (keyed { needs = [ "artifact" "filename" ]; } {
      artifact = "artifact";
      fetch_content = "string";
      filename = "string";
    });
    entry = "string";
    environment = setOf "string";
    environments = setOf (keyed { } {
      builds = listOf "build";
      requirements = listOf "artifact";
      rust = listOf "artifact";
      toolchain = "artifact";
    });
    inputs = "string";
    known = strings;
    listed = setOf strings;
    name = "string";
    oracle = "artifact";
    overlays = listOf (keyed { one = [ "artifact" "build" ]; } {
      artifact = "artifact";
      build = "build";
      project = "string";
    });
    patches = listOf (keyed { needs = [ "path" "sha256" ]; } {
      path = "string";
      sha256 = "string";
    });
    requires = strings;
    sdist = "artifact";
    sysroot = keyed { } {
      index = "string";
      link = "string";
      origin = "string";
      packages = listOf (keyed { } {
        artifact = "artifact";
        name = "string";
        version = "string";
      });
      wanted = strings;
    };
    target = "string";
    version = "string";
  };
  target =
    needs:
    keyed { inherit needs; } {
      description = "string";
      headers = keyed { } {
        origin = "string";
        python_version = "string";
        sha256 = "string";
        source = "string";
      };
      id = "string";
      toolchain = keyed { } {
        c_options = strings;
        compiler = "string";
        content = "string";
        cxx_options = strings;
        environment = setOf "string";
        family = "string";
        folder = "string";
        inputs = strings;
        libc = "string";
        link_options = strings;
        options = strings;
        programs = setOf "string";
        sysroot = "string";
      };
      wheels = listOf (keyed { needs = [ "name" "version" ]; one = [ "artifact" "build" ]; } {
        artifact = "artifact";
        build = "build";
        name = "string";
        version = "string";
      });
    };
in
plan
