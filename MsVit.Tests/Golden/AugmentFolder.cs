using MsVit.Tests.Support;

namespace MsVit.Tests.Golden;

/// <summary>Where the recorded augmentations, losses and schedules are.</summary>
internal static class AugmentFolder
{
    public const string Variable = "MSVIT_GOLDEN_AUGMENT";

    /// <summary>The folder named by MSVIT_GOLDEN_AUGMENT, else ../shared/golden/augment beside the repository, else null.</summary>
    public static string? Path { get; } =
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
            ? Directory.Exists(named) ? named : throw new DirectoryNotFoundException($"{Variable} names {named}, which is not there.")
            : RepositoryRoot.Shared("golden", "augment") is var beside && Directory.Exists(beside) ? beside : null;
}
