using MsVit.Tests.Support;

namespace MsVit.Tests.Training.Augmentation;

/// <summary>Where what the reference's own Python did to images is recorded: the folder named by MSVIT_GOLDEN_AUGMENT, else ../shared/golden/augment.</summary>
internal static class AugmentFolder
{
    public const string Variable = "MSVIT_GOLDEN_AUGMENT";
    public const string Photos = "data/images";

    public static string Path { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
        ? Directory.Exists(named) ? named : throw new DirectoryNotFoundException($"{Variable} names {named}, which is not there.")
        : RepositoryRoot.Shared("golden", "augment");

    /// <returns>The reason to skip a test, or null if nothing is missing.</returns>
    public static string? WhatIsMissing(bool photos) =>
        !Directory.Exists(Path) ? $"Not there: ../shared/golden/augment, nor a folder named by {Variable}"
        : photos ? SharedFiles.WhatIsMissing([Photos])
        : null;
}

/// <summary>A fact that needs the recorded augmentations; it is skipped, saying so, where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsAugmentGoldenFactAttribute : FactAttribute
{
    private bool _photos;

    public NeedsAugmentGoldenFactAttribute() => Skip = AugmentFolder.WhatIsMissing(photos: false);

    /// <summary>Whether it needs the photographs of ../shared/data/images too.</summary>
    public bool Photos
    {
        get => _photos;
        set => Skip = AugmentFolder.WhatIsMissing(_photos = value);
    }
}
