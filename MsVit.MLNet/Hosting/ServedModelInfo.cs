namespace MsVit.MLNet.Hosting;

/// <summary>A model that is being served.</summary>
public sealed record ServedModelInfo
{
    /// <summary>The first twelve digits of the file's SHA-256.</summary>
    public required string Version { get; init; }

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>When it was loaded.</summary>
    public required DateTimeOffset LoadedAt { get; init; }

    /// <summary>The classes.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The network's sizes; <see cref="MsVitConfig.Input"/> says whether it takes images or recordings.</summary>
    public required MsVitConfig Network { get; init; }

    /// <summary>How an image of another shape is brought to the network's size.</summary>
    public required ImageFit ImageFit { get; init; }

    /// <summary>With <see cref="ImageFit.CenterCrop"/>, the share of the covering size that is kept, above 0, at most 1.</summary>
    public required double CropShare { get; init; }

    /// <summary>How many numbers the network learned.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>What it was trained on, in a few lines.</summary>
    public required string TrainingSummary { get; init; }
}
