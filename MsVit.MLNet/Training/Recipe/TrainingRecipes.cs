namespace MsVit.MLNet;

/// <summary>The recipes that come with the library.</summary>
/// <remarks>
/// imagenet, cifar, dvs128-gesture and cifar10-dvs are those of the paper ("MSVIT", IJCAI 2025) and its released code. The code computes
/// stochastic depth but never applies it; here it is applied, as the paper says. laptop is a small recipe, and fine-tune starts from a
/// trained model. starter-64 made the starting models of MsVitStarter.
/// </remarks>
public static class TrainingRecipes
{
    /// <summary>All recipes: the published ones, named after their data sets, then the small ones.</summary>
    public static IReadOnlyList<TrainingRecipe> All { get; } =
    [
        new()
        {
            Name = "imagenet",
            MaxEpoch = 200,
            BatchSize = 512,
            MicroBatchSize = 64,
            LearningRate = 6e-4,
            LearningRateBatch = 256,
            MinLearningRate = 1e-7,
            Schedule = ScheduleKind.HalfCosine,
            WarmupEpochs = 5,
            WeightDecay = 0.05,
            StochasticDepth = 0.1,
            Images = new()
            {
                RandomResizedCrop = new(),
                CropPadding = 0,
                RandAugment = RandAugment.Parse("rand-m9-mstd0.5-inc1"),
                Erasing = new() { Mode = ErasingMode.Pixel },
            },
        },
        new()
        {
            Name = "cifar",
            MaxEpoch = 400,
            CooldownEpochs = 10,
            BatchSize = 64,
            LearningRate = 1e-3,
            MinLearningRate = 1e-5,
            Schedule = ScheduleKind.EpochCosine,
            WarmupEpochs = 20,
            WarmupLearningRate = 1e-5,
            WeightDecay = 0.06,
            Images = new()
            {
                CropPadding = 0,
                RandAugment = RandAugment.Parse("rand-m9-n1-mstd0.4-inc1"),
                Mixing = new() { OffEpoch = 200 },
                Erasing = new(),
            },
        },
        Events with { Name = "dvs128-gesture", MaxEpoch = 192, LearningRate = 1e-3, MinLearningRate = 2e-5 },
        Events with { Name = "cifar10-dvs", MaxEpoch = 96, LearningRate = 5e-3, MinLearningRate = 1e-5 },
        new() { Name = "laptop" },
        new()
        {
            Name = "fine-tune",
            MaxEpoch = 20,
            BatchSize = 16,
            LearningRate = 5e-3,
            WarmupEpochs = 2,
            LayerDecay = 0.7,
        },
        new()
        {
            Name = "starter-64",
            MaxEpoch = 40,
            BatchSize = 128,
            LearningRate = 4e-3,
            Precision = Precision.BFloat16,
            Images = new()
            {
                RandomResizedCrop = new() { LeastArea = 0.3 },
                CropPadding = 0,
                ColorJitter = new()
                {
                    Brightness = FactorRange.About(0.2),
                    Contrast = FactorRange.About(0.2),
                    Saturation = FactorRange.About(0.2),
                },
            },
            Teacher = new() { Weight = 8 },
        },
    ];

    /// <summary>Finds a recipe by name, ignoring case.</summary>
    /// <exception cref="ArgumentException">There is no recipe with this name; the message lists the names.</exception>
    public static TrainingRecipe Named(string name) =>
        All.FirstOrDefault(recipe => recipe.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException(
            $"There is no recipe '{name}'.{NearestNames.Question(name, All.Select(recipe => recipe.Name))} "
            + $"The recipes are: {string.Join(", ", All.Select(recipe => recipe.Name))}.", nameof(name));

    // What the recipes for both sets of recordings share.
    private static TrainingRecipe Events => new()
    {
        CooldownEpochs = 10,
        BatchSize = 16,
        Schedule = ScheduleKind.EpochCosine,
        WarmupEpochs = 10,
        WarmupLearningRate = 1e-5,
        WeightDecay = 0.06,
        Frames = new() { Mixing = new() { Probability = 0.5, OffEpoch = 75 } },
    };
}
