namespace MsVit.Tests.Golden;

/// <summary>A theory that needs the recorded augmentations; it is skipped, saying so, where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsAugmentTheoryAttribute : TheoryAttribute
{
    public NeedsAugmentTheoryAttribute() => Skip = AugmentFolder.WhatIsMissing(photos: false);
}
