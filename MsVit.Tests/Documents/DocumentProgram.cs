using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MsVit.Tests.Documents;

/// <summary>What a reader has after pasting the C# blocks of a page into Program.cs, one below the other.</summary>
internal static class DocumentProgram
{
    // Of a project that `dotnet new console` makes.
    private const string ImplicitUsings =
        """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !IsOurProgram(Path.GetFileNameWithoutExtension(path)))
            .Append(Path.Combine(AppContext.BaseDirectory, "Documents", "Microsoft.ML.OnnxTransformer.dll"))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>Compiles blocks as one program. Its positions are those of the documents.</summary>
    /// <param name="blocks">From the top of the page; the usings of all of them go to the top.</param>
    /// <param name="edit">Changes the text of a block first; null leaves it.</param>
    public static CSharpCompilation Compile(IEnumerable<CodeBlock> blocks, Func<string, string>? edit = null)
    {
        var (usings, statements, types) = (new StringBuilder(), new StringBuilder(), new StringBuilder());
        var known = new HashSet<string>();
        foreach (var block in blocks)
        {
            var text = string.Join('\n', block.Lines);
            var tree = CSharpSyntaxTree.ParseText(edit?.Invoke(text) ?? text);
            var root = tree.GetCompilationUnitRoot();
            // A block may repeat a using of a block above it.
            foreach (var node in root.Usings.Where(line => known.Add(line.ToString())).Concat<SyntaxNode>(root.Members))
            {
                var part = node switch { UsingDirectiveSyntax => usings, GlobalStatementSyntax => statements, _ => types };
                var line = tree.GetLineSpan(node.FullSpan).StartLinePosition.Line;
                part.Append(CultureInfo.InvariantCulture, $"#line {block.Line + line} \"{block.Document}\"\n{node.ToFullString()}\n");
            }
        }
        return CSharpCompilation.Create(
            "Program",
            [CSharpSyntaxTree.ParseText(ImplicitUsings), CSharpSyntaxTree.ParseText($"{usings}{statements}{types}")],
            References,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
    }

    /// <summary>Compiles blocks to a file that dotnet runs.</summary>
    public static void Write(string path, IEnumerable<CodeBlock> blocks, Func<string, string> edit)
    {
        var program = Compile(blocks, edit);
        Assert.True(program.Emit(path).Success, string.Join('\n', Faults(program)));
    }

    /// <summary>Errors and warnings from a line on, each with document and line.</summary>
    public static IReadOnlyList<string> Faults(CSharpCompilation program, int fromLine = 1) =>
    [
        .. from fault in program.GetDiagnostics()
           let place = fault.Location.GetMappedLineSpan()
           let line = place.StartLinePosition.Line + 1
           where fault.Severity >= DiagnosticSeverity.Warning && (line >= fromLine || !place.HasMappedPath)
           select $"{place.Path}:{line}: {fault.Id} {fault.GetMessage(CultureInfo.InvariantCulture)}",
    ];

    // A reader has the library's package and what it depends on.
    private static bool IsOurProgram(string assembly) => assembly is "msvit" or "MsVit.Samples" or "MsVit.Tests";
}
