namespace MsVit.MLNet;

/// <summary>The rules that options must obey, in words.</summary>
internal static class MsVitOptionsRules
{
    /// <summary>Names every value that is out of its range.</summary>
    public static IEnumerable<string> ValidationErrors(MsVitOptions options) =>
    [
        .. Columns(options),
        .. EpochsAndClasses(options),
        .. Images(options),
        .. Network(options),
        .. Machine(options),
        .. Folders(options),
        .. options.Recipe.ValidationErrors().Select(fault => "Recipe." + fault),
    ];

    private static IEnumerable<string> Columns(MsVitOptions options) =>
        from column in new (string Option, string? Name)[]
        {
            (nameof(options.LabelColumnName), options.LabelColumnName),
            (nameof(options.ImageColumnName), options.ImageColumnName),
            (nameof(options.FramesColumnName), options.FramesColumnName),
            (nameof(options.ExampleWeightColumnName), options.ExampleWeightColumnName ?? "none"),
            (nameof(options.TeacherColumnName), options.TeacherColumnName ?? "none"),
            (nameof(options.PredictedLabelColumnName), options.PredictedLabelColumnName),
            (nameof(options.ScoreColumnName), options.ScoreColumnName),
        }
        where string.IsNullOrWhiteSpace(column.Name)
        select $"{column.Option} is '{column.Name}'; it must be the name of a column.";

    private static IEnumerable<string> EpochsAndClasses(MsVitOptions options)
    {
        if (!(options.ValidationFraction >= 0 && options.ValidationFraction < 1))
        {
            yield return $"ValidationFraction is {options.ValidationFraction}; it must be 0 or more and below 1.";
        }
        if (!Enum.IsDefined(options.EpochChoice))
        {
            yield return $"EpochChoice is {options.EpochChoice}; it must be Validation or TestSet.";
        }
        if (options.Recipe.Teacher is not null && options.TeacherColumnName is null)
        {
            yield return "Recipe.Teacher is set and TeacherColumnName is null: name the column of the teacher's vectors, or set "
                + "Recipe.Teacher to null.";
        }
        if (options.ClassWeights is not null && options.Recipe.ClassWeighting != ClassWeighting.None)
        {
            yield return $"ClassWeights is set and Recipe.ClassWeighting is {options.Recipe.ClassWeighting}; use only one of them.";
        }
    }

    private static IEnumerable<string> Images(MsVitOptions options)
    {
        if (!(options.CropShare is > 0 and <= 1))
        {
            yield return $"CropShare is {options.CropShare}; it must be above 0 and at most 1.";
        }
        if (options.CropShare != 1 && options.ImageFit != ImageFit.CenterCrop)
        {
            yield return $"CropShare is {options.CropShare} and ImageFit is {options.ImageFit}; only CenterCrop uses a share.";
        }
        if ((options.Mean is null) != (options.Deviation is null))
        {
            yield return "Mean and Deviation must be set together, or neither.";
        }
        if (options.TakesFrames && options.Mean is not null)
        {
            yield return "Mean and Deviation are set, but the network takes event frames, which are not normalized.";
        }
        if (!HasOnePerChannel(options.Mean) || !HasOnePerChannel(options.Deviation))
        {
            yield return $"Mean has {options.Mean?.Count} values and Deviation has {options.Deviation?.Count}; "
                + $"each must have one per channel ({options.Network.Channels}).";
        }
        if (options.Deviation is { } deviation && !deviation.All(value => value > 0))
        {
            yield return $"Deviation is {string.Join(", ", deviation)}; every value must be above 0.";
        }
        if (!(options.PixelRange > 0))
        {
            yield return $"PixelRange is {options.PixelRange}; it must be above 0.";
        }
        if (options.MaxPixels < 1)
        {
            yield return $"MaxPixels is {options.MaxPixels}; it must be 1 or more.";
        }

        bool HasOnePerChannel(IReadOnlyList<float>? values) => values is null || values.Count == options.Network.Channels;
    }

    private static IEnumerable<string> Network(MsVitOptions options)
    {
        var (network, frozen) = (options.Network, options.Recipe.FrozenStages);
        if (network.ProjectionCoupling == ProjectionCoupling.Batch)
        {
            yield return "Network.ProjectionCoupling is Batch, which lets the samples of a batch change each other's scores; "
                + "it exists only for comparison with the reference implementation. It must be PerSample.";
        }
        if (TrainedNetwork.Fault(network, options.Recipe.Frames.TrainTimeSteps) is { } fault)
        {
            yield return fault;
        }
        if (frozen > 0 && options.StartFrom is null)
        {
            yield return "Recipe.FrozenStages is above 0 and StartFrom is null: the frozen stages would keep random weights.";
        }
        if (options.Recipe.HeadStart == HeadStart.Discriminant && options.StartFrom is null)
        {
            yield return "Recipe.HeadStart is Discriminant and StartFrom is null: there are no learned features to start the head from.";
        }
        if (options.Recipe.BlendWithStart && options.StartFrom is null)
        {
            yield return "Recipe.BlendWithStart is true and StartFrom is null: there are no weights to blend with.";
        }
        if (options.FromScratch && options.StartFrom is not null)
        {
            yield return "FromScratch is true and StartFrom is set; use only one of them.";
        }
        if (frozen > network.Depths.Count)
        {
            yield return $"Recipe.FrozenStages is {frozen}; the network has {Counted.Of(network.Depths.Count, "stage")}.";
        }
    }

    private static IEnumerable<string> Machine(MsVitOptions options)
    {
        if (!Enum.IsDefined(options.ScoringPrecision))
        {
            yield return $"ScoringPrecision is {options.ScoringPrecision}; it must be Float32, BFloat16 or Float16.";
        }
        if (!Enum.IsDefined(options.ScoringEngine))
        {
            yield return $"ScoringEngine is {options.ScoringEngine}; it must be Torch, OnnxRuntime or Auto.";
        }
        if (options.ScoringEngine == ScoringEngine.OnnxRuntime && options.ScoringPrecision != Precision.Float32)
        {
            yield return $"ScoringEngine is OnnxRuntime and ScoringPrecision is {options.ScoringPrecision}; "
                + "ONNX Runtime scores in Float32.";
        }
        if (!TorchDevice.IsName(options.Device))
        {
            yield return $"Device is '{options.Device}'; it must be auto, cpu, cuda or cuda:N.{TorchDevice.Question(options.Device)}";
        }
        if (!Enum.IsDefined(options.SampleStorage))
        {
            yield return $"SampleStorage is {options.SampleStorage}; it must be Auto, Decoded or Encoded.";
        }
        if (options.Threads < 0)
        {
            yield return $"Threads is {options.Threads}; it must be 0 (automatic) or more.";
        }
        if (options.Workers < 0)
        {
            yield return $"Workers is {options.Workers}; it must be 0 (automatic) or more.";
        }
        if (options.MemoryBudget < 0)
        {
            yield return $"MemoryBudget is {options.MemoryBudget}; it must be 0 or more.";
        }
    }

    private static IEnumerable<string> Folders(MsVitOptions options)
    {
        if (options.LogPath is not null && string.IsNullOrWhiteSpace(options.LogPath))
        {
            yield return $"LogPath is '{options.LogPath}'; it must be a folder, or null for no logs.";
        }
        if (options.CheckpointPath is not null && string.IsNullOrWhiteSpace(options.CheckpointPath))
        {
            yield return "CheckpointPath is empty; it must be a folder, or null for none.";
        }
        if (options.CheckpointEpochs < 1)
        {
            yield return $"CheckpointEpochs is {options.CheckpointEpochs}; it must be 1 or more.";
        }
        if (options.CheckpointInterval <= TimeSpan.Zero)
        {
            yield return $"CheckpointInterval is {options.CheckpointInterval}; it must be above zero, or null for no limit.";
        }
    }
}
