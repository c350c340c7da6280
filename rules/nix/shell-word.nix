# A text as a word of the shell that builders are.
text: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] text}'"
