namespace MsVit.Tests.Golden;

/// <summary>Where the golden cases are: those committed beside the tests, and those of a folder outside of the repository.</summary>
internal static class GoldenFolder
{
    public const string Variable = "MSVIT_GOLDEN";

    public static string Committed { get; } = Path.Combine(AppContext.BaseDirectory, "Golden", "cases");

    /// <summary>The folder named by MSVIT_GOLDEN, else ../shared/golden beside the repository, else null.</summary>
    public static string? Outside { get; } = FindOutside();

    /// <summary>The cases, as committed/NAME and outside/NAME: all committed ones, and those outside that are not copies of
    /// these.</summary>
    public static IReadOnlyList<string> Cases(string pattern = "*")
    {
        var committed = List("committed", Committed, pattern);
        var outside = Outside is null ? [] : List("outside", Outside, pattern);
        return [.. committed, .. outside.Where(label => !committed.Any(mine => IsCopy(PathOf(mine), PathOf(label))))];
    }

    /// <summary>The path of a case without its ending.</summary>
    public static string PathOf(string label)
    {
        var folder = label.StartsWith("committed/", StringComparison.Ordinal) ? Committed : Outside!;
        return Path.Combine(folder, Path.GetFileName(label));
    }

    private static List<string> List(string kind, string folder, string pattern) =>
        [.. Directory.GetFiles(folder, pattern + ".json").Order(StringComparer.Ordinal)
            .Select(path => $"{kind}/{Path.GetFileNameWithoutExtension(path)}")];

    private static bool IsCopy(string mine, string other) =>
        Path.GetFileName(mine) == Path.GetFileName(other)
        && SameBytes(mine + ".json", other + ".json") && SameBytes(mine + ".safetensors", other + ".safetensors");

    private static bool SameBytes(string one, string other) => File.ReadAllBytes(one).AsSpan().SequenceEqual(File.ReadAllBytes(other));

    private static string? FindOutside()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return Directory.Exists(named) ? named : throw new DirectoryNotFoundException($"{Variable} names {named}, which is not there.");
        }
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MsVit.sln")))
            {
                var beside = Path.Combine(folder.FullName, "..", "shared", "golden");
                return Directory.Exists(beside) ? Path.GetFullPath(beside) : null;
            }
        }
        return null;
    }
}
