using System.Security.Cryptography;

namespace MsVit.MLNet;

/// <summary>Files of equal content.</summary>
/// <param name="Kind">Where they lie.</param>
/// <param name="Paths">Their paths, in the order of parts.</param>
public sealed record DuplicateFiles(DuplicateKind Kind, IReadOnlyList<string> Paths);

/// <summary>Where files of equal content lie.</summary>
public enum DuplicateKind
{
    /// <summary>In more than one part, such as train and test.</summary>
    AcrossParts,

    /// <summary>In more than one class.</summary>
    AcrossClasses,

    /// <summary>In one class.</summary>
    WithinClass,
}

/// <summary>Finds files of equal content: first by length, then by their first bytes, last by SHA-256 of all bytes.</summary>
internal static class DuplicateFinder
{
    /// <summary>Finds the groups of equal files, in the order of their first member.</summary>
    /// <param name="parts">The parts; a file in two of them is the worst case.</param>
    /// <param name="cancellation">Stops the search.</param>
    public static IReadOnlyList<DuplicateFiles> Find(IReadOnlyList<AccountedPart> parts, CancellationToken cancellation)
    {
        var all = parts.Index().SelectMany(part => part.Item.Samples.Select(sample => new Candidate(sample, part.Index))).ToArray();
        var alike = all.Where(item => item.File.Length > 0 && item.File.Role == FileRole.Sample)
            .GroupBy(item => (item.File.Length, item.File.HeadDigest)).Where(group => group.Skip(1).Any())
            .SelectMany(group => group).ToArray();
        var digests = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var path in alike.Select(item => item.File.Path))
        {
            digests[path] = null;
        }
        // What is read whole is small or alike to its first 4 KiB.
        var paths = digests.Keys.ToArray();
        var found = new string?[paths.Length];
        Parallel.For(0, paths.Length, new ParallelOptions { CancellationToken = cancellation }, i => found[i] = Digest(paths[i]));
        foreach (var (i, path) in paths.Index())
        {
            digests[path] = found[i];
        }
        return
        [
            .. alike.Where(item => digests[item.File.Path] is not null)
                // Other slices of one recording are other samples.
                .GroupBy(item => (digests[item.File.Path], item.Sample.Start, item.Sample.End))
                .Where(group => group.Skip(1).Any())
                .Select(group => new DuplicateFiles(Kind([.. group]), [.. group.Select(item => item.File.Path)])),
        ];
    }

    private static DuplicateKind Kind(Candidate[] group) =>
        group.Any(item => item.Part != group[0].Part) ? DuplicateKind.AcrossParts
        : group.Any(item => item.File.Label != group[0].File.Label) ? DuplicateKind.AcrossClasses
        : DuplicateKind.WithinClass;

    // A file that cannot be read is no duplicate; its reader says what is wrong.
    private static string? Digest(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return Convert.ToHexString(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private readonly record struct Candidate(AccountedSample Sample, int Part)
    {
        public ScannedFile File => Sample.File;
    }
}
