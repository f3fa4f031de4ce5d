namespace MsVit.Tests.Layering;

/// <summary>Holds the direction of the arrows between the library's folders (docs/architecture.md).</summary>
public sealed class LayeringTests
{
    // A folder may use itself, what its row names, and nothing else of the library. "" is the root.
    internal static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Platform"] = [],
        ["Kernels"] = ["Platform"],
        ["Data"] = ["Platform"],
        ["Network"] = ["Kernels", "Platform"],
        ["Interop"] = ["Network", "Kernels", "Platform"],
        ["Transforms"] = ["Data"],
        ["Training"] = ["Network", "Kernels", "Data", "Platform", "Interop"],
        ["Scoring"] = ["Network", "Kernels", "Data", "Platform", "Training", "Interop"],
        ["Options"] = ["Network", "Kernels", "Data", "Platform", "Training"],
        ["Fitting"] = ["Options", "Network", "Data", "Platform", "Training", "Scoring", "Interop"],
        [""] = ["Options", "Fitting", "Network", "Kernels", "Data", "Transforms", "Platform", "Training", "Scoring", "Interop", "Analysis"],
        ["Analysis"] = ["Network", "Kernels", "Data", "Platform", "Training", "Scoring"],
        ["Sweep"] = ["Network", "Data", "Platform", "Training", "Scoring", "Transforms", "Analysis", "Options", ""],
        ["Report"] = ["Network", "Data", "Platform", "Training", "Scoring", "Analysis", "Sweep", "Options", ""],
        ["Hosting"] = ["Network", "Data", "Platform", "Training", "Scoring", "Transforms", "Analysis", ""],
    };

    private static readonly LibraryUses Library = new();

    public static TheoryData<string> Folders => [.. Allowed.Keys];

    [Fact]
    public void Every_type_has_a_source_file_and_every_folder_a_place_in_the_table()
    {
        None(Library.Homeless);
        None(Library.Uses.SelectMany(use => new[] { Top(use.From), Top(use.To) }).Distinct().Except(Allowed.Keys));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_uses_only_what_the_table_allows(string folder)
    {
        var wrong = Library.Uses.Where(use => Top(use.From) == folder && Top(use.To) != folder && !Allowed[folder].Contains(Top(use.To)));
        None(wrong.Select(use => $"{use.From}: {use.What} of {use.To}"));
    }

    [Fact]
    public void No_two_folders_of_any_depth_use_each_other()
    {
        var arrows = Library.Uses.ToLookup(use => (use.From, use.To));
        var mutual =
            from arrow in arrows
            let back = (arrow.Key.To, arrow.Key.From)
            where string.CompareOrdinal(arrow.Key.From, arrow.Key.To) < 0 && arrows.Contains(back)
            select $"[{arrow.Key.From}] and [{arrow.Key.To}]: {string.Join(", ", arrow.Take(6).Select(use => use.What))}; back: "
                + string.Join(", ", arrows[back].Take(6).Select(use => use.What));
        None(mutual);
    }

    [Fact]
    public void Data_knows_nothing_of_torch() => None(Library.Torch.Where(use => Top(use.From) == "Data").Select(use => use.What));

    private static void None(IEnumerable<string> wrong) => Assert.True(
        !wrong.Any(), string.Join('\n', wrong.Order(StringComparer.Ordinal)));

    private static string Top(string folder) => folder.Split('/')[0];
}
