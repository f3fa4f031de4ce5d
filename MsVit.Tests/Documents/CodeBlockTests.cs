namespace MsVit.Tests.Documents;

/// <summary>Every C# block of the documents compiles against the built library, without a warning.</summary>
public sealed class CodeBlockTests
{
    private const string CSharp = "csharp";

    private static readonly string[] Languages = [CSharp, ShellLine.Language, "bash", "json", "lua", "mermaid", "text", "yaml"];

    public static TheoryData<string, int> Blocks
    {
        get
        {
            var rows = new TheoryData<string, int>();
            foreach (var block in Document.All.SelectMany(document => document.Blocks).Where(block => block.Language == CSharp))
            {
                rows.Add(block.Document, block.Line);
            }
            return rows;
        }
    }

    // With only the usings and variables of the blocks above it on the page.
    [Theory]
    [MemberData(nameof(Blocks))]
    public void A_block_compiles_below_the_blocks_before_it(string document, int line)
    {
        var blocks = Document.Named(document).Blocks.Where(block => block.Language == CSharp && block.Line <= line);
        var faults = DocumentProgram.Faults(DocumentProgram.Compile(blocks), line);
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public void Every_block_names_a_language_that_the_tests_know() =>
        Assert.All(Document.All.SelectMany(document => document.Blocks), block => Assert.Contains(block.Language, Languages));
}
