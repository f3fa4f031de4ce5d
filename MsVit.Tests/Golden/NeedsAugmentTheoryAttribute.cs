namespace MsVit.Tests.Golden;

/// <summary>A theory that needs the folder of recorded augmentations; it is skipped where that is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsAugmentTheoryAttribute : TheoryAttribute
{
    public NeedsAugmentTheoryAttribute() =>
        Skip = AugmentFolder.Path is null ? $"Not there: ../shared/golden/augment, nor does {AugmentFolder.Variable} name a folder." : null;
}
