using Microsoft.ML;

namespace MsVit.MLNet;

/// <summary>What is chosen for images if the options name neither a network nor a recipe.</summary>
/// <param name="Starter">The starting model that ships with the library; null to keep the given one.</param>
/// <param name="Network">Its network, at the size that was asked for.</param>
/// <param name="Images">The number of images to train on.</param>
/// <param name="Recipe">The recipe for them.</param>
/// <param name="ValidationFraction">The share of each class that is held out.</param>
internal sealed record DefaultStart(
    StarterCard? Starter, MsVitConfig Network, int Images, TrainingRecipe Recipe, double ValidationFraction)
{
    /// <summary>The option that trains from random weights.</summary>
    public const string FromScratch = nameof(MsVitOptions) + "." + nameof(MsVitOptions.FromScratch) + " = true";

    // Images of 32 x 32 were recognized better when enlarged to 64 x 64 (docs/starters.md); much smaller ones are not worth the time.
    private const int SmallSide = 20;

    /// <summary>The choice for one call of Fit.</summary>
    /// <param name="options">The options.</param>
    /// <param name="start">The model of <see cref="MsVitOptions.StartFrom"/>; null if it is not set.</param>
    /// <param name="data">The training rows.</param>
    /// <returns>
    /// Null if the options choose by themselves, or if the input is not an image whose pixels are bytes: the range of floats is not known,
    /// so the statistics of a starting model may not fit them.
    /// </returns>
    public static DefaultStart? For(MsVitOptions options, StartingModel? start, IDataView data)
    {
        if (options.IsRecipeGiven || options.FromScratch || !(start?.IsHeadless ?? options.IsStartOpen))
        {
            return null;
        }
        return InputSurvey.Of(data, options.LabelColumnName, options.ImageColumnName) is { Rows: > 0 } survey
            ? For(survey.Rows, Classes(data, options.LabelColumnName), survey.ShorterSide, start is null ? null : options.Network)
            : null;
    }

    /// <summary>The choice for a number of images.</summary>
    /// <param name="images">How many there are, 1 or more.</param>
    /// <param name="classes">How many classes they have.</param>
    /// <param name="shorterSide">The median of their shorter side, in pixels; null if it is not known.</param>
    /// <param name="given">The network of the given starting model; null to choose one.</param>
    /// <param name="resize">Changes the size of the network's input; null (the default) keeps it.</param>
    public static DefaultStart? For(
        int images, int classes, int? shorterSide, MsVitConfig? given, Func<MsVitConfig, MsVitConfig>? resize = null)
    {
        var small = shorterSide <= SmallSide;
        var starter = given is not null || StarterCard.All.Count == 0 ? null : StarterCard.All[small ? 0 : ^1];
        if ((given ?? starter?.Network) is not { } network)
        {
            return null;
        }
        network = resize?.Invoke(network) ?? network;
        var row = StartingRecipe.For(images);
        return new(starter, network, images, row.Recipe(images, network), row.ValidationFraction(images, classes));
    }

    /// <summary>Sets the recipe and, unless it was set already, the share that is held out.</summary>
    public void ApplyTo(MsVitOptions options)
    {
        options.Recipe = Recipe;
        if (!options.IsValidationFractionGiven)
        {
            options.ValidationFraction = ValidationFraction;
        }
    }

    /// <summary>Says what was chosen, in one line.</summary>
    /// <param name="options">The options after <see cref="ApplyTo"/> and later changes.</param>
    /// <param name="start">What training starts from, if it is not a model of the library.</param>
    /// <param name="fromScratch">How to train from random weights.</param>
    public string Line(MsVitOptions options, string start, string fromScratch) => StartingRecipe.Line(
        Starter?.Name ?? start, Images, options.Network, options.Recipe, options.ValidationFraction,
        Starter is null ? null : fromScratch);

    private static int Classes(IDataView data, string labelColumn) =>
        data.Schema[labelColumn].Type is Microsoft.ML.Data.KeyDataViewType { Count: <= int.MaxValue } key ? (int)key.Count : 1;
}
