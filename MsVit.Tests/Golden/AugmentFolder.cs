using MsVit.Tests.Support;

namespace MsVit.Tests.Golden;

/// <summary>Where what the reference's own Python did to images is recorded: the folder named by MSVIT_GOLDEN_AUGMENT, else
/// ../shared/golden/augment.</summary>
internal static class AugmentFolder
{
    public const string Variable = "MSVIT_GOLDEN_AUGMENT";
    public const string Photos = "data/images";

    public static string Path { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
        ? Directory.Exists(named) ? named : throw new DirectoryNotFoundException($"{Variable} names {named}, which is not there.")
        : RepositoryRoot.Shared("golden", "augment");

    /// <summary>A photograph that a case starts from: in data/images two folders above the recordings, else in ../shared.</summary>
    public static string Photo(string name)
    {
        var beside = System.IO.Path.GetFullPath(System.IO.Path.Combine(Path, "..", "..", Photos, name));
        return File.Exists(beside) ? beside : RepositoryRoot.Shared(Photos, name);
    }

    /// <returns>The reason to skip a test, or null if nothing is missing.</returns>
    public static string? WhatIsMissing(bool photos) =>
        !Directory.Exists(Path) ? $"Not there: ../shared/golden/augment, nor a folder named by {Variable}"
        : photos ? SharedFiles.WhatIsMissing([Photos])
        : null;
}
