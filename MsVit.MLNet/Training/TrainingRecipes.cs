namespace MsVit.MLNet.Training;

/// <summary>The recipes that come with the library.</summary>
/// <remarks>
/// Those of the paper are what its tables were trained with, where the released code and the paper say; the differences are in docs/recipes.md.
/// </remarks>
public static class TrainingRecipes
{
    /// <summary>The recipes: the published ones by the set that they are for, and small ones.</summary>
    public static IReadOnlyList<TrainingRecipe> All { get; } =
    [
        new() { Name = "laptop" },
        new()
        {
            Name = "fine-tune",
            MaxEpoch = 20,
            BatchSize = 16,
            LearningRate = 1e-3,
            MinLearningRate = 1e-5,
            WarmupEpochs = 2,
            LayerDecay = 0.7,
            FrozenStages = 1,
        },
    ];

    /// <summary>The recipe of a name, in any case.</summary>
    /// <exception cref="ArgumentException">There is none of this name; the message lists the names.</exception>
    public static TrainingRecipe Named(string name) =>
        All.FirstOrDefault(recipe => recipe.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no recipe '{name}'. There are: {string.Join(", ", All.Select(recipe => recipe.Name))}.", nameof(name));
}
