namespace MsVit.Tests.Golden;

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
