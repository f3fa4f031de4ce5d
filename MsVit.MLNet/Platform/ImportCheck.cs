namespace MsVit.MLNet;

/// <summary>
/// Finds out why Windows does not load a library: a library that it needs is missing, or lacks a function. Windows itself names neither.
/// </summary>
internal static class ImportCheck
{
    private const int LongestName = 200;

    // Names that Windows maps to libraries of its own.
    private static readonly string[] Virtual = ["api-ms-", "ext-ms-"];

    // Microsoft's runtime for C++ and OpenMP.
    private static readonly string[] Runtime = ["msvcp140", "vcruntime140", "concrt140", "vcomp140"];

    private static readonly EnumerationOptions AnyCase = new()
    {
        MatchCasing = MatchCasing.CaseInsensitive,
        AttributesToSkip = FileAttributes.None,
    };

    /// <summary>Checks a library and, one after the other, the libraries that it needs.</summary>
    /// <param name="library">The path of the library.</param>
    /// <param name="folders">Where the libraries beside it may be; its own folder comes first.</param>
    /// <param name="systemFolders">
    /// Where the libraries of the system and of other programs may be, such as C:\Windows\System32. What those need in turn is not checked.
    /// </param>
    /// <returns>What is wrong; nothing if everything was found.</returns>
    public static IReadOnlyList<ImportProblem> Of(string library, IEnumerable<string> folders, IEnumerable<string> systemFolders)
    {
        string[] own = [Path.GetDirectoryName(Path.GetFullPath(library))!, .. folders], system = [.. systemFolders];
        var images = new Dictionary<string, PeImage>(StringComparer.Ordinal);
        var problems = new List<ImportProblem>();
        var ahead = new Queue<string>([library]);
        var seen = new HashSet<string>([library], StringComparer.OrdinalIgnoreCase);
        while (ahead.TryDequeue(out var path))
        {
            if (Image(path) is not { } image)
            {
                continue;
            }
            var name = Path.GetFileName(path);
            if (image.Machine != Image(library)!.Machine)
            {
                problems.Add(new(
                    $"{path} is for the processor {image.Machine}, but {Path.GetFileName(library)} is for {Image(library)!.Machine}."));
                continue;
            }
            foreach (var (needed, symbols) in image.Imports)
            {
                if (IsVirtual(needed))
                {
                    continue;
                }
                var inOwn = Find(needed, own);
                if ((inOwn ?? Find(needed, system)) is not { } found)
                {
                    problems.Add(Missing(name, needed));
                    continue;
                }
                if (inOwn is not null && seen.Add(found))
                {
                    ahead.Enqueue(found);
                }
                if (Image(found) is { } exporter && symbols.Where(symbol => !Has(exporter, symbol)).ToArray() is { Length: > 0 } lacking)
                {
                    problems.Add(Lacks(name, found, lacking));
                }
            }
        }
        return problems;

        PeImage? Image(string path)
        {
            if (images.TryGetValue(path, out var known))
            {
                return known;
            }
            try
            {
                return images[path] = PeImage.Read(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                var problem = new ImportProblem(OneLine(e.Message, int.MaxValue));
                if (!problems.Contains(problem))
                {
                    problems.Add(problem);
                }
                return null;
            }
        }

        // An export that is passed on counts if the library that it is passed on to has it, or is not there to be asked.
        bool Has(PeImage exporter, string symbol)
        {
            if (!exporter.Exports.TryGetValue(symbol, out var passed))
            {
                return false;
            }
            var dot = passed?.LastIndexOf('.') ?? -1;
            return dot < 0 || IsVirtual(passed!) || Find(passed![..dot] + ".dll", own) is not { } target
                || Image(target) is not { } next || next.Exports.ContainsKey(passed[(dot + 1)..]);
        }
    }

    private static ImportProblem Missing(string library, string needed) => IsRuntime(needed)
        ? new($"{library} needs {OneLine(needed)}, which is not on this computer: {InstallRuntime}") { IsOfRuntime = true }
        : new($"{library} needs {OneLine(needed)}, which is not on this computer: the native package is incomplete.");

    private static ImportProblem Lacks(string library, string found, string[] symbols)
    {
        var more = symbols.Length > 1 ? $" and {symbols.Length - 1} more functions" : "";
        var what = $"{library} needs {OneLine(symbols[0])}{more}, which {found} does not have: ";
        return IsRuntime(Path.GetFileName(found))
            ? new($"{what}it is too old. I{InstallRuntime[1..]}") { IsOfRuntime = true }
            : new($"{what}the two are of different versions.");
    }

    private static string InstallRuntime => "install the Microsoft Visual C++ runtime (14.42 or later).";

    private static bool IsVirtual(string library) =>
        Virtual.Any(prefix => library.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private static bool IsRuntime(string library) =>
        Runtime.Any(prefix => library.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    // A damaged file may name anything.
    private static string? Find(string library, IEnumerable<string> folders) => library.AsSpan().ContainsAny(@"/\:*?") ? null
        : folders.Where(Directory.Exists)
            .Select(folder => Directory.EnumerateFiles(folder, library, AnyCase).FirstOrDefault())
            .FirstOrDefault(file => file is not null);

    private static string OneLine(string name, int longest = LongestName) =>
        string.Concat(name.Take(longest).Select(c => char.IsControl(c) ? '?' : c)) + (name.Length > longest ? "..." : "");
}

/// <summary>One reason for which a library does not load.</summary>
/// <param name="Message">What is needed by which library, and what to do.</param>
internal sealed record ImportProblem(string Message)
{
    /// <summary>Whether Microsoft's Visual C++ runtime solves it.</summary>
    public bool IsOfRuntime { get; init; }
}
