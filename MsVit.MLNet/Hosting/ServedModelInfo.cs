namespace MsVit.MLNet.Hosting;

/// <summary>The description of a served model.</summary>
public sealed record ServedModelInfo
{
    /// <summary>The first twelve hexadecimal digits of the file's SHA-256.</summary>
    public required string Version { get; init; }

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>When the file was loaded.</summary>
    public required DateTimeOffset LoadedAt { get; init; }

    /// <summary>The names of the classes, in the order of the probabilities.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The network's configuration; <see cref="MsVitConfig.Input"/> says whether it takes images or recordings.</summary>
    public required MsVitConfig Network { get; init; }

    /// <summary>How an image of another shape is fitted to the network's input.</summary>
    public required ImageFit ImageFit { get; init; }

    /// <summary>With <see cref="ImageFit.CenterCrop"/>, the share of the covering size that is kept: above 0, at most 1.</summary>
    public required double CropShare { get; init; }

    /// <summary>
    /// Whether requests may ask for <see cref="PredictionSettings.Insight"/>; false for an ONNX model that was exported without
    /// <see cref="OnnxExportOptions.Insight"/>. The default is true.
    /// </summary>
    public bool HasInsight { get; init; } = true;

    /// <summary>The number of trained parameters.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>How the model was trained, in one line.</summary>
    public required string TrainingSummary { get; init; }
}
