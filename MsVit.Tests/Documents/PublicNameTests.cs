using System.Reflection;
using System.Text.RegularExpressions;
using MsVit.MLNet;

namespace MsVit.Tests.Documents;

/// <summary>Members that the prose names with their type, such as `MsVitOptions.LogPath`, exist.</summary>
public sealed partial class PublicNameTests
{
    // It also names what is gone.
    private const string Changelog = "CHANGELOG.md";

    [Fact]
    public void Every_member_of_a_public_type_that_the_prose_names_exists()
    {
        var types = typeof(MsVitOptions).Assembly.GetExportedTypes().ToLookup(type => type.Name);
        var named = (
            from document in Document.All
            where document.Name != Changelog
            from code in document.Inline
            from match in Member().Matches(code.Text)
            where types.Contains(match.Groups[1].Value)
            select (document.Name, code.Line, Type: match.Groups[1].Value, Member: match.Groups[2].Value)).ToArray();
        Assert.NotEmpty(named);
        var wrong = named.Where(name => !types[name.Type].Any(type => Has(type, name.Member)));
        Assert.True(!wrong.Any(), string.Join('\n', wrong));
    }

    private static bool Has(Type type, string member) =>
        type.GetMember(member, BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.FlattenHierarchy).Length > 0;

    [GeneratedRegex(@"\b([A-Z]\w+)\.([A-Z]\w+)")]
    private static partial Regex Member();
}
