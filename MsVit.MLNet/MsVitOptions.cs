using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet.Events;

namespace MsVit.MLNet;

/// <summary>What a caller may choose for the MsVit trainer.</summary>
public sealed class MsVitOptions
{
    /// <summary>The label: a key column, as MapValueToKey makes. The default is "Label".</summary>
    public string LabelColumnName { get; set; } = DefaultColumnNames.Label;

    /// <summary>
    /// The images: an MLImage column, a column of encoded bytes (vector of Byte), or a pixel vector of known size (vector of
    /// Single, [C, H, W]). The default is "Image".
    /// </summary>
    public string ImageColumnName { get; set; } = "Image";

    /// <summary>
    /// Event frames: a vector of Byte or Single with the dimensions [T, P, H, W], as EventsToFrames makes. It is read instead of
    /// <see cref="ImageColumnName"/> where <see cref="Network"/> takes frames, and must have the network's time steps, channels, height and
    /// width. The default is "Frames".
    /// </summary>
    public string FramesColumnName { get; set; } = EventColumns.Frames;

    /// <summary>The key column that scoring adds. The default is "PredictedLabel".</summary>
    public string PredictedLabelColumnName { get; set; } = DefaultColumnNames.PredictedLabel;

    /// <summary>The column of class probabilities that scoring adds. The default is "Score".</summary>
    public string ScoreColumnName { get; set; } = DefaultColumnNames.Score;

    /// <summary>
    /// The sizes of the network, a preset or a changed one. Its number of classes is taken from the label, its input
    /// size is what images are resized to. The default is the preset laptop-32.
    /// </summary>
    public MsVitConfig Network { get; set; } = MsVitConfig.Preset("laptop-32");

    /// <summary>How to train. The default is <c>new TrainingRecipe()</c>.</summary>
    public TrainingRecipe Recipe { get; set; } = new();

    /// <summary>
    /// The share of each class of the training set that is held out to choose the best epoch, 0 (none) to below 1; not used
    /// when a validation set is given. The default is 0.1.
    /// </summary>
    public double ValidationFraction { get; set; } = 0.1;

    /// <summary>
    /// On which samples the best epoch is chosen. With <see cref="EpochChoice.TestSet"/> the test set must be given to Fit as validation data. The default is
    /// <see cref="EpochChoice.Validation"/>.
    /// </summary>
    public EpochChoice EpochChoice { get; set; } = EpochChoice.Validation;

    /// <summary>
    /// How much the samples of each class count in the loss, in the order of the label's key: finite numbers of 0 or more, one a class, not all 0. Null (the
    /// default) leaves it to <see cref="TrainingRecipe.ClassWeighting"/>, which must be None where they are given.
    /// </summary>
    public IReadOnlyList<double>? ClassWeights { get; set; }

    /// <summary>How an image of another shape is brought to the network's input. The default is <see cref="ImageFit.CenterCrop"/>.</summary>
    public ImageFit ImageFit { get; set; } = ImageFit.CenterCrop;

    /// <summary>
    /// With <see cref="ImageFit.CenterCrop"/>, the share of the covering size that is kept on each axis, above 0, at most 1. The default is
    /// 1; 0.875 is the protocol of ImageNet, the shorter side resized to 256 and the middle 224 taken.
    /// </summary>
    public double CropShare { get; set; } = 1;

    /// <summary>
    /// The mean of each channel, in units of <see cref="PixelRange"/>; null (the default) for that of the training set. Set
    /// together with <see cref="Deviation"/>.
    /// </summary>
    public IReadOnlyList<float>? Mean { get; set; }

    /// <summary>The standard deviation of each channel, above 0; null (the default) for that of the training set.</summary>
    public IReadOnlyList<float>? Deviation { get; set; }

    /// <summary>The value of a pixel that counts as 1 in <see cref="Mean"/> and <see cref="Deviation"/>. The default is 255.</summary>
    public float PixelRange { get; set; } = byte.MaxValue;

    /// <summary>The most pixels that an encoded image may have; a larger one is refused unread. The default is 178,956,970, Pillow's limit.</summary>
    public int MaxPixels { get; set; } = ImageDecoder.DefaultMaxPixels;

    /// <summary>What to do with an image that cannot be read. The default is <see cref="UndecodableImagePolicy.Throw"/>.</summary>
    /// <remarks>With Skip, training leaves it out and the log names it; scoring gives it NaN scores and a missing predicted label.</remarks>
    public UndecodableImagePolicy Undecodable { get; set; } = UndecodableImagePolicy.Throw;

    /// <summary>
    /// The precision of scoring, saved with the model; on a device that is not quick with it, float32 is used. The default
    /// is float32. That of training is in <see cref="Recipe"/>.
    /// </summary>
    public Precision ScoringPrecision { get; set; } = Precision.Float32;

    /// <summary>
    /// auto, cpu, cuda or cuda:N. A GPU that is named and not there is an error; auto takes the first, or the one of
    /// <c>MLContext.GpuDeviceId</c>, if there is one. The default is auto.
    /// </summary>
    public string Device { get; set; } = "auto";

    /// <summary>
    /// Whether a GPU may round the factors of float32 products to TF32 (10 bits of mantissa) while it trains: faster from Ampere on, and other results. Null
    /// (the default) leaves torch's switches as they are: convolutions may, matrix products may not. It does nothing on the CPU.
    /// </summary>
    public bool? AllowTF32 { get; set; }

    /// <summary>
    /// Fixes weights, order and augmentation; null (the default) takes the seed of the MLContext, or a random one where it
    /// has none. Equal seeds give equal weights, bit for bit, on one machine with one number of torch threads.
    /// </summary>
    public int? Seed { get; set; }

    /// <summary>Threads that decode and augment, 0 (the default) for one less than the cores, at least one. They do not change the result.</summary>
    public int Workers { get; set; }

    /// <summary>In which form images are kept during training; it changes the result of a random resized crop alone. The default is <see cref="SampleStorage.Auto"/>.</summary>
    public SampleStorage SampleStorage { get; set; } = SampleStorage.Auto;

    /// <summary>Bytes of samples kept in memory; the rest goes to files in the workspace. The default is 1 GiB.</summary>
    public long MemoryBudget { get; set; } = 1L << 30;

    /// <summary>The folder for these files; null (the default) for a folder "msvit" in the temporary folder of the MLContext.</summary>
    public string? WorkspacePath { get; set; }

    /// <summary>
    /// A folder for the records of the epochs: epochs.csv, epochs.jsonl and tensorboard/; null (the default) for none. One folder
    /// a run: rows of epochs that are trained anew are replaced. A file that cannot be written is a warning, not the run's end.
    /// </summary>
    public string? LogPath { get; set; }

    /// <summary>
    /// Whether each epoch's record says how the neurons fire, watched on up to 256 samples of the validation set or, without
    /// one, of the training set. The default is true.
    /// </summary>
    public bool ObserveActivity { get; set; } = true;

    /// <summary>
    /// A folder in which the run is saved, and from which it goes on if it was cut off: killed, cancelled, or the power failed. The result is then
    /// that of a run without the cut, to the bit on the CPU (but for a time budget, which counts the time that was used). Each run
    /// needs a folder of its own; a checkpoint of another run there is an error. Null (the default): nothing is saved.
    /// </summary>
    public string? CheckpointPath { get; set; }

    /// <summary>Whole epochs from one checkpoint to the next, 1 or more. The default is 1.</summary>
    public int CheckpointEpochs { get; set; } = 1;

    /// <summary>The longest time between two checkpoints, above zero; null for no limit. The default is 10 minutes.</summary>
    public TimeSpan? CheckpointInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// A trained MsVit model, or a pipeline with one, to start from instead of random weights: fine-tuning. Its network's config is taken but for the
    /// classes, as are its channel means and deviations and the way images are fitted, so <see cref="Network"/>, <see cref="Mean"/>,
    /// <see cref="Deviation"/>, <see cref="PixelRange"/> and <see cref="ImageFit"/> are not used; the head is new unless the labels are the same.
    /// The model stays the caller's. Null (the default) for none.
    /// </summary>
    public ITransformer? StartFrom { get; set; }

    /// <summary>Called with every report of the training, on the training thread.</summary>
    public Action<TrainingProgress>? Progress { get; set; }

    /// <summary>Ends the training early; Fit then returns the best network so far.</summary>
    public CancellationToken CancellationToken { get; set; }

    /// <summary>
    /// The names that <see cref="With"/> knows: Network and Recipe, the paths of what they hold, such as Network.TimeSteps or
    /// Recipe.Images.CropPadding, and the plain options, such as Seed.
    /// </summary>
    public static IReadOnlyList<string> Keys { get; } = [.. OptionKey.All.Select(key => key.Name)];

    /// <summary>A copy with some values changed by name, for command lines, files and sweeps.</summary>
    /// <param name="values">
    /// Names as <see cref="Keys"/> lists them, in any case, the leading Network or Recipe left out where that is clear; and values as JSON, where quotes and
    /// the brackets of a list may be left out: ("TimeSteps", "2"), ("Depths", "1,1,2"), ("Neuron", "Plif"), ("Images.RandAugment", "null"). ("Network",
    /// "tiny-32") and ("Recipe", "cifar") take a preset and a recipe by name, before the other values are set.
    /// </param>
    /// <exception cref="ArgumentException">A name is unknown, or a value is of another type or out of range; the message says what is expected.</exception>
    public MsVitOptions With(params IEnumerable<KeyValuePair<string, string>> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var copy = Copy();
        OptionChange.Apply(copy, values);
        return copy;
    }

    /// <summary>Names every value that is out of its range.</summary>
    internal IEnumerable<string> Faults()
    {
        foreach (var (name, value) in new[]
        {
            (nameof(LabelColumnName), LabelColumnName), (nameof(ImageColumnName), ImageColumnName), (nameof(FramesColumnName), FramesColumnName),
            (nameof(PredictedLabelColumnName), PredictedLabelColumnName), (nameof(ScoreColumnName), ScoreColumnName),
        }.Where(column => string.IsNullOrWhiteSpace(column.Item2)))
        {
            yield return $"{name} is '{value}'; it must be a column's name.";
        }
        if (Network.ProjectionCoupling == ProjectionCoupling.Batch)
        {
            yield return "Network.ProjectionCoupling is Batch, in which the samples of a batch change each other's scores; "
                + "it is there to compare with the reference's records alone. It must be PerSample.";
        }
        if (!(ValidationFraction >= 0 && ValidationFraction < 1))
        {
            yield return $"ValidationFraction is {ValidationFraction}; it must be 0 or more and below 1.";
        }
        if (!Enum.IsDefined(EpochChoice))
        {
            yield return $"EpochChoice is {EpochChoice}; it must be Validation or TestSet.";
        }
        if (ClassWeights is not null && Recipe.ClassWeighting != ClassWeighting.None)
        {
            yield return $"ClassWeights are given and Recipe.ClassWeighting is {Recipe.ClassWeighting}; give the weights or let them be computed.";
        }
        if (!(CropShare is > 0 and <= 1))
        {
            yield return $"CropShare is {CropShare}; it must be above 0 and at most 1.";
        }
        if (CropShare != 1 && ImageFit != ImageFit.CenterCrop)
        {
            yield return $"CropShare is {CropShare} and ImageFit {ImageFit}; only CenterCrop cuts off a share.";
        }
        if ((Mean is null) != (Deviation is null))
        {
            yield return "Mean and Deviation must be given together, or neither.";
        }
        if (TrainedNetwork.Fault(Network, Recipe.Frames.TrainTimeSteps) is { } subset)
        {
            yield return subset;
        }
        if (TakesFrames && Mean is not null)
        {
            yield return "Mean and Deviation are given, and the network takes event frames, which are not normalized.";
        }
        if (Mean is { } mean && mean.Count != Network.Channels || Deviation is { } deviation && deviation.Count != Network.Channels)
        {
            yield return $"Mean has {Mean?.Count} and Deviation {Deviation?.Count} values; each must have one a channel ({Network.Channels}).";
        }
        if (Deviation is not null && !Deviation.All(d => d > 0))
        {
            yield return $"Deviation is {string.Join(", ", Deviation)}; every value must be above 0.";
        }
        if (!(PixelRange > 0))
        {
            yield return $"PixelRange is {PixelRange}; it must be above 0.";
        }
        if (MaxPixels < 1)
        {
            yield return $"MaxPixels is {MaxPixels}; it must be 1 or more.";
        }
        if (!Enum.IsDefined(ScoringPrecision))
        {
            yield return $"ScoringPrecision is {ScoringPrecision}; it must be Float32, BFloat16 or Float16.";
        }
        if (!TorchDevice.IsName(Device))
        {
            yield return $"Device is '{Device}'; it must be auto, cpu, cuda or cuda:N.";
        }
        if (LogPath is not null && string.IsNullOrWhiteSpace(LogPath))
        {
            yield return $"LogPath is '{LogPath}'; it must be a folder, or null for no logs.";
        }
        if (CheckpointPath is not null && string.IsNullOrWhiteSpace(CheckpointPath))
        {
            yield return "CheckpointPath is empty; it must be a folder, or null for none.";
        }
        if (CheckpointEpochs < 1)
        {
            yield return $"CheckpointEpochs is {CheckpointEpochs}; it must be 1 or more.";
        }
        if (CheckpointInterval <= TimeSpan.Zero)
        {
            yield return $"CheckpointInterval is {CheckpointInterval}; it must be above zero, or null for none.";
        }
        if (Recipe.FrozenStages > 0 && StartFrom is null)
        {
            yield return "Recipe.FrozenStages is above 0 and StartFrom is null: random weights would stay random.";
        }
        if (Recipe.FrozenStages > Network.Depths.Count)
        {
            yield return $"Recipe.FrozenStages is {Recipe.FrozenStages}; the network has {Network.Depths.Count} stages.";
        }
        if (!Enum.IsDefined(SampleStorage))
        {
            yield return $"SampleStorage is {SampleStorage}; it must be Auto, Decoded or Encoded.";
        }
        if (Workers < 0)
        {
            yield return $"Workers is {Workers}; it must be 0 (automatic) or more.";
        }
        if (MemoryBudget < 0)
        {
            yield return $"MemoryBudget is {MemoryBudget}; it must be 0 or more.";
        }
        foreach (var fault in Recipe.Faults())
        {
            yield return "Recipe." + fault;
        }
    }

    /// <summary>Whether the network takes event frames.</summary>
    internal bool TakesFrames => Network.Input == InputKind.Frames;

    /// <summary>The column that is read: that of the images or that of the frames.</summary>
    internal string InputColumnName => TakesFrames ? FramesColumnName : ImageColumnName;

    /// <summary>What that column is, in messages.</summary>
    internal string InputRole => TakesFrames ? "frames" : "image";

    /// <summary>What is expected of it, in messages.</summary>
    internal string ExpectedInput => TakesFrames ? ImageColumn.ExpectedFrames : ImageColumn.Expected;

    /// <summary>A copy that later changes by the caller do not reach.</summary>
    internal MsVitOptions Copy() => (MsVitOptions)MemberwiseClone();
}
