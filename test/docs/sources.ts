import { join } from "node:path";
import ts from "typescript";

const root = join(__dirname, "../..");

/** A type of the package, and what is written about its properties. */
export interface DocumentedType {
  /** What stands in the comment above a property, without tags. Empty where nothing does. */
  about(name: string): string;
  /** The type of a property as it is written there; empty for what is derived from elsewhere. */
  written(name: string): string;
  isOptional(name: string): boolean;
  /** Whether it is a method that the package itself has written. */
  isMethod(name: string): boolean;
  /** The type of a property, of its items where it is a list, of its values where it is a map. */
  below(name: string): DocumentedType;
  readonly names: readonly string[];
}

export interface Sources {
  /** An exported class, interface or type alias of a file. */
  type(file: string, name: string): DocumentedType;
}

/** Reads the package with the compiler, since comments are known to nobody else. */
export function readSources(): Sources {
  const configFile = join(root, "tsconfig.json");
  const { config } = ts.readConfigFile(configFile, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram([join(root, "sdk/index.ts")], options);
  const checker = program.getTypeChecker();
  return {
    type(file, name) {
      const source = program.getSourceFile(join(root, file));
      const module = source && checker.getSymbolAtLocation(source);
      const symbol = module && checker.getExportsOfModule(module).find((one) => one.name === name);
      if (symbol === undefined) throw new Error(`${file} exports no ${name}`);
      return documented(checker.getDeclaredTypeOfSymbol(symbol), checker);
    },
  };
}

function documented(type: ts.Type, checker: ts.TypeChecker): DocumentedType {
  const symbolOf = (name: string): ts.Symbol => {
    const symbol = checker.getPropertyOfType(type, name);
    if (symbol === undefined) throw new Error(`${checker.typeToString(type)} has no property ${name}`);
    return symbol;
  };
  return {
    names: checker.getPropertiesOfType(type).map(({ name }) => name),
    about: (name) => ts.displayPartsToString(symbolOf(name).getDocumentationComment(checker)).replaceAll(/\s+/g, " "),
    written(name) {
      const [declaration] = symbolOf(name).declarations ?? [];
      const isTyped =
        declaration !== undefined && (ts.isPropertySignature(declaration) || ts.isPropertyDeclaration(declaration));
      return isTyped ? (declaration.type?.getText().replaceAll(/\s+/g, " ") ?? "") : "";
    },
    isOptional: (name) => (symbolOf(name).flags & ts.SymbolFlags.Optional) !== 0,
    isMethod: (name) =>
      symbolOf(name).declarations?.some(
        (one) => ts.isMethodDeclaration(one) && one.getSourceFile().fileName.startsWith(join(root, "sdk")),
      ) ?? false,
    below(name) {
      const whole = checker.getNonNullableType(checker.getTypeOfSymbol(symbolOf(name)));
      const inner = checker.getIndexTypeOfType(
        whole,
        checker.isArrayType(whole) ? ts.IndexKind.Number : ts.IndexKind.String,
      );
      return documented(inner === undefined ? whole : checker.getNonNullableType(inner), checker);
    },
  };
}
