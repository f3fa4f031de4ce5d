using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet.Events;

namespace MsVit.MLNet;

/// <summary>The options of the MsVit trainer.</summary>
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
    /// Event frames: a vector of Byte or Single with the dimensions [T, P, H, W], as EventsToFrames makes. A <see cref="Network"/> that
    /// takes frames reads this column instead of <see cref="ImageColumnName"/>; its time steps, channels, height and width must match.
    /// The default is "Frames".
    /// </summary>
    public string FramesColumnName { get; set; } = EventColumns.Frames;

    /// <summary>
    /// How much each training row counts in the loss: a column of Single with finite numbers of 0 or more, not all 0. Null (the default)
    /// means that all rows count equally.
    /// </summary>
    /// <remarks>
    /// The loss of a step is the mean over its samples, weighted by this column, so only the ratios of the weights matter. Samples that
    /// are mixed carry their weights with them. Validation, statistics and the split do not use the column.
    /// </remarks>
    public string? ExampleWeightColumnName { get; set; }

    /// <summary>
    /// The vectors of a teacher, from which the network learns in addition to the labels: a column of known size (vector of Single, finite
    /// values) that an earlier step of the pipeline has written, such as the features of a pretrained network. Null (the default) means no
    /// teacher.
    /// </summary>
    /// <remarks>
    /// <see cref="TrainingRecipe.Teacher"/> says how. Rows with a missing label are used then: they learn from the teacher alone and are
    /// never held out. Only the training rows need the column; validation and scoring do without. The vectors are kept in memory up to
    /// <see cref="MemoryBudget"/>, beside the samples.
    /// </remarks>
    public string? TeacherColumnName { get; set; }

    /// <summary>The key column that scoring adds. The default is "PredictedLabel".</summary>
    public string PredictedLabelColumnName { get; set; } = DefaultColumnNames.PredictedLabel;

    /// <summary>The column of class probabilities that scoring adds. The default is "Score".</summary>
    public string ScoreColumnName { get; set; } = DefaultColumnNames.Score;

    /// <summary>
    /// The network: a preset, or a preset with changes. The number of classes comes from the label; images are resized to the
    /// network's input. The default is that of <see cref="StartFrom"/>, or of the starting model that fits the images: see
    /// <see cref="FromScratch"/>. Without either it is the preset laptop-32.
    /// </summary>
    public MsVitConfig Network
    {
        get;
        set
        {
            field = value;
            IsNetworkGiven = true;
        }
    } = MsVitConfig.Preset("laptop-32");

    /// <summary>
    /// How to train. The default, if training starts from a model without a head, is a recipe for the number of images: the log says which.
    /// Otherwise it is <c>new TrainingRecipe()</c>.
    /// </summary>
    public TrainingRecipe Recipe
    {
        get;
        set
        {
            field = value;
            IsRecipeGiven = true;
        }
    } = new();

    /// <summary>
    /// The share of each class of the training set that is held out to choose the best epoch: 0 (none) to below 1. It is ignored
    /// if a validation set is given. The default is 0.1, or what suits the number of images if <see cref="Recipe"/> is chosen by it.
    /// </summary>
    public double ValidationFraction
    {
        get;
        set
        {
            field = value;
            IsValidationFractionGiven = true;
        }
    } = 0.1;

    /// <summary>
    /// Which samples choose the best epoch. With <see cref="EpochChoice.TestSet"/>, give the test set to Fit as validation data. The
    /// default is <see cref="EpochChoice.Validation"/>.
    /// </summary>
    public EpochChoice EpochChoice { get; set; } = EpochChoice.Validation;

    /// <summary>
    /// The weight of each class in the loss, in the order of the label's key: finite numbers of 0 or more, one per class, not all 0. Null
    /// (the default) leaves the weights to <see cref="TrainingRecipe.ClassWeighting"/>, which must be None if they are given here.
    /// </summary>
    public IReadOnlyList<double>? ClassWeights { get; set; }

    /// <summary>How an image of another shape is fitted to the network's input. The default is <see cref="ImageFit.CenterCrop"/>.</summary>
    public ImageFit ImageFit { get; set; } = ImageFit.CenterCrop;

    /// <summary>
    /// With <see cref="ImageFit.CenterCrop"/>, the share of the covering size that is kept on each axis: above 0, at most 1. The default
    /// is 1. ImageNet's protocol is 0.875: resize the shorter side to 256 and keep the central 224.
    /// </summary>
    public double CropShare { get; set; } = 1;

    /// <summary>
    /// The mean of each channel, in units of <see cref="PixelRange"/>; null (the default) for the mean of the training set. Set it
    /// together with <see cref="Deviation"/>.
    /// </summary>
    public IReadOnlyList<float>? Mean { get; set; }

    /// <summary>The standard deviation of each channel, above 0; null (the default) for that of the training set.</summary>
    public IReadOnlyList<float>? Deviation { get; set; }

    /// <summary>The pixel value that counts as 1 in <see cref="Mean"/> and <see cref="Deviation"/>. The default is 255.</summary>
    public float PixelRange { get; set; } = byte.MaxValue;

    /// <summary>
    /// The most pixels that an encoded image may have; a larger one is rejected before it is decoded. The default is 178,956,970,
    /// which is Pillow's limit.
    /// </summary>
    public int MaxPixels { get; set; } = ImageDecoder.DefaultMaxPixels;

    /// <summary>
    /// What to do with an image or recording that cannot be read. The default is <see cref="UndecodableImagePolicy.Throw"/>.
    /// </summary>
    /// <remarks>With Skip, training leaves the row out and the log names it; scoring gives it NaN scores and a missing label.</remarks>
    public UndecodableImagePolicy Undecodable { get; set; } = UndecodableImagePolicy.Throw;

    /// <summary>
    /// The precision of scoring, saved with the model. Float32 is used on a device that is not fast with the one given here. The default
    /// is Float32. The precision of training is part of <see cref="Recipe"/>.
    /// </summary>
    public Precision ScoringPrecision { get; set; } = Precision.Float32;

    /// <summary>
    /// What computes the scores of the trained model, saved with it: torch, ONNX Runtime, or ONNX Runtime only where it is faster. Analysis
    /// and insight use torch in any case. The default is <see cref="ScoringEngine.Torch"/>.
    /// </summary>
    /// <remarks>
    /// ONNX Runtime scores in float32 on the CPU; scores agree with those of torch within 1e-4. The application needs the package
    /// Microsoft.ML.OnnxRuntime. Without it, Fit throws <see cref="DllNotFoundException"/> with <see cref="ScoringEngine.OnnxRuntime"/>, as
    /// does loading the model, and torch scores with <see cref="ScoringEngine.Auto"/>.
    /// </remarks>
    public ScoringEngine ScoringEngine { get; set; }

    /// <summary>
    /// Where to train: auto, cpu, cuda or cuda:N. It is an error to name a GPU that does not exist. With auto, it is the GPU of
    /// <c>MLContext.GpuDeviceId</c>, else the first GPU, else the CPU. The default is auto.
    /// </summary>
    public string Device { get; set; } = "auto";

    /// <summary>
    /// Whether a GPU may round the factors of float32 products to TF32 (10 bits of mantissa) during training, which is faster from
    /// Ampere on but changes the results. Null (the default) keeps torch's settings: TF32 for convolutions, not for matrix products. It
    /// has no effect on the CPU.
    /// </summary>
    public bool? AllowTF32 { get; set; }

    /// <summary>
    /// Fixes the initial weights, the order and the augmentation. Null (the default) means the seed of the MLContext, or a random seed
    /// if it has none. Equal seeds give bit-identical weights on the same machine with the same number of <see cref="Threads"/>.
    /// </summary>
    public int? Seed { get; set; }

    /// <summary>
    /// Threads of torch's operations in training. The default, 0, means one per core; trainings that run at the same time, in any process
    /// of this user, divide the cores among themselves, and a training that ends leaves its cores to the others. The number changes the
    /// last bits of the weights: set it, or the environment variable OMP_NUM_THREADS, to repeat a run bit for bit beside others.
    /// </summary>
    public int Threads { get; set; }

    /// <summary>
    /// Threads that decode and augment. The default, 0, means one less than the number of cores, but at least one. The number does not
    /// change the result.
    /// </summary>
    public int Workers { get; set; }

    /// <summary>
    /// The processes that train the network together, each of which calls Fit with the same data and the same options. The default is
    /// <see cref="RankGroup.Alone"/>.
    /// </summary>
    /// <remarks>
    /// A step has the same samples whatever the number of ranks: <see cref="TrainingRecipe.BatchSize"/> of them, cut into passes of
    /// <see cref="TrainingRecipe.MicroBatchSize"/>, or into one pass per rank if that is 0, and the passes are shared out. Every rank
    /// ends with the same model. <see cref="TrainingRecipe.SyncBatchNorm"/> lets batch norms see all passes that run at the same time, and
    /// <see cref="TrainingRecipe.LocalSteps"/> lets ranks on a slow network talk less often. Rank 0 reports, logs and saves checkpoints for
    /// all. With <see cref="Device"/> auto or cuda, each rank of a host uses the GPU of its number. The ranks of a host share out
    /// <see cref="MemoryBudget"/> and, unless they are set, <see cref="Threads"/> and <see cref="Workers"/>. Without a seed, all use that
    /// of rank 0. If a rank throws, the others wait for it: end the process then.
    /// </remarks>
    public RankGroup Group { get; set; } = RankGroup.Alone;

    /// <summary>
    /// Whether images are kept encoded or decoded during training. It changes the result only for a random resized crop. The
    /// default is <see cref="SampleStorage.Auto"/>.
    /// </summary>
    public SampleStorage SampleStorage { get; set; } = SampleStorage.Auto;

    /// <summary>Bytes of samples kept in memory; the rest goes to files in the workspace. The default is 1 GiB.</summary>
    public long MemoryBudget { get; set; } = 1L << 30;

    /// <summary>
    /// The folder for these files; null (the default) for a folder "msvit" in the temporary folder of the MLContext.
    /// </summary>
    public string? WorkspacePath { get; set; }

    /// <summary>
    /// A folder for the records of the epochs: epochs.csv, epochs.jsonl and tensorboard/. Null (the default) means none. Use one
    /// folder per run; if a run repeats epochs, their rows are replaced. A file that cannot be written causes a warning and does not
    /// stop the run.
    /// </summary>
    public string? LogPath { get; set; }

    /// <summary>
    /// Whether the record of each epoch includes how the neurons fire, measured on up to 256 samples of the validation set or, without
    /// one, of the training set. The default is true.
    /// </summary>
    public bool ObserveActivity { get; set; } = true;

    /// <summary>
    /// A folder for checkpoints. A run that was interrupted (canceled, crashed, lost power) resumes from the folder, and on the CPU its
    /// result is bit-identical to that of an uninterrupted run, unless a time budget ends it. Each run needs its own folder; it is an
    /// error if the folder holds a checkpoint of another run. Null (the default) means that nothing is saved.
    /// </summary>
    public string? CheckpointPath { get; set; }

    /// <summary>How many epochs pass between two checkpoints, 1 or more. The default is 1.</summary>
    public int CheckpointEpochs { get; set; } = 1;

    /// <summary>The longest time between two checkpoints, above zero; null for no limit. The default is 10 minutes.</summary>
    public TimeSpan? CheckpointInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// A trained MsVit model, or a pipeline with one, to fine-tune instead of starting from random weights. Null (the default) means none.
    /// </summary>
    /// <remarks>
    /// The model's network, channel means and deviations, and image fitting are used for <see cref="Network"/>, <see cref="Mean"/>,
    /// <see cref="Deviation"/>, <see cref="PixelRange"/> and <see cref="ImageFit"/>. To set one of these to another value is an error;
    /// only the number of classes, and the height and width of the input, may differ. The head is new unless the labels are the same. The
    /// model stays the caller's to dispose. <see cref="MsVitStarter"/> has models that ship with the library; such a model, without a head,
    /// leaves <see cref="ImageFit"/> free.
    /// </remarks>
    public ITransformer? StartFrom { get; set; }

    /// <summary>
    /// Whether training starts from random weights also where it would start from a model of <see cref="MsVitStarter"/>. The default is
    /// false.
    /// </summary>
    /// <remarks>
    /// Training starts from such a model if the column holds images whose pixels are bytes, and <see cref="Network"/>,
    /// <see cref="Recipe"/>, <see cref="StartFrom"/>, <see cref="Mean"/>, <see cref="Deviation"/> and <see cref="PixelRange"/> are not set.
    /// The model is the one that fits the size of the images: the median of the shorter side of up to 64 of them.
    /// </remarks>
    public bool FromScratch { get; set; }

    /// <summary>
    /// Called on the training thread with every report, up to five times a second and at the end of each epoch. Null (the default) for
    /// none.
    /// </summary>
    /// <example>
    /// A line on the console that follows the run:
    /// <code>
    /// Progress = report => Console.Write($"\r{report,-100}{(report.EpochEnded ? "\n" : "")}")
    /// </code>
    /// </example>
    public Action<TrainingProgress>? Progress { get; set; }

    /// <summary>Ends the training early; Fit then returns the best network so far.</summary>
    public CancellationToken CancellationToken { get; set; }

    /// <summary>
    /// The names that <see cref="With"/> accepts: Network and Recipe; the paths within them, such as Network.TimeSteps or
    /// Recipe.Images.CropPadding; and the plain options, such as Seed.
    /// </summary>
    public static IReadOnlyList<string> Keys { get; } = [.. OptionKey.All.Select(key => key.Name)];

    /// <summary>Makes a copy with some values changed by name, for command lines, files and sweeps.</summary>
    /// <param name="values">
    /// Names as <see cref="Keys"/> lists them, in any case; Network. or Recipe. may be left out if the name is still unique. Values are
    /// JSON, without the quotes or the brackets of a list if you like: ("TimeSteps", "2"), ("Depths", "1,1,2"), ("Neuron", "Plif"),
    /// ("Images.RandAugment", "null"). ("Network", "tiny-32") selects a preset and ("Recipe", "cifar") a recipe; both are applied before
    /// the other values.
    /// </param>
    /// <exception cref="ArgumentException">
    /// A name is unknown, or a value has the wrong type or is out of range; the message says what is expected.
    /// </exception>
    public MsVitOptions With(params IEnumerable<KeyValuePair<string, string>> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var copy = Copy();
        OptionChange.Apply(copy, values);
        return copy;
    }

    /// <summary>Names every value that is out of its range.</summary>
    internal IEnumerable<string> ValidationErrors() => MsVitOptionsRules.ValidationErrors(this);

    /// <summary>Whether <see cref="Network"/> was set.</summary>
    internal bool IsNetworkGiven { get; private set; }

    /// <summary>Whether <see cref="Recipe"/> was set.</summary>
    internal bool IsRecipeGiven { get; private set; }

    /// <summary>Adds a teacher to the recipe. A recipe that was left to the library still is.</summary>
    internal void AddTeacher()
    {
        var isGiven = IsRecipeGiven;
        Recipe = Recipe with { Teacher = Recipe.Teacher ?? new() };
        IsRecipeGiven = isGiven;
    }

    /// <summary>Whether <see cref="ValidationFraction"/> was set.</summary>
    internal bool IsValidationFractionGiven { get; private set; }

    /// <summary>Whether the network, its weights and the normalization are left to the library.</summary>
    internal bool IsStartOpen => !IsNetworkGiven && StartFrom is null && HasPlainPixels;

    /// <summary>Whether the options say nothing of the normalization.</summary>
    internal bool HasPlainPixels => Mean is null && Deviation is null && PixelRange == byte.MaxValue;

    /// <summary>Whether the network takes event frames.</summary>
    internal bool TakesFrames => Network.Input == InputKind.Frames;

    /// <summary>The column that the network reads: images or frames.</summary>
    internal string InputColumnName => TakesFrames ? FramesColumnName : ImageColumnName;

    /// <summary>What that column is called in messages.</summary>
    internal string InputRole => TakesFrames ? "frames" : "image";

    /// <summary>What messages say that column should hold.</summary>
    internal string ExpectedInput => InputColumn.Expected(TakesFrames);

    /// <summary>Makes a copy, so that later changes by the caller have no effect.</summary>
    internal MsVitOptions Copy() => (MsVitOptions)MemberwiseClone();
}
