using Microsoft.ML.Data;
using MsVit.MLNet;

namespace Microsoft.ML;

/// <summary>Adds the MsVit trainer to <see cref="MLContext"/>.</summary>
public static class MsVitCatalog
{
    /// <summary>Makes a trainer of spiking vision transformers with the choices that are made most often.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="labelColumnName">The label, a key column. The default is "Label".</param>
    /// <param name="imageColumnName">The images: MLImage, encoded bytes or a pixel vector. The default is "Image". A network that takes event
    /// frames reads the column "Frames" instead; the options name another.</param>
    /// <param name="network">The sizes of the network; null for the preset laptop-32.</param>
    /// <param name="recipe">How to train; null for <c>new TrainingRecipe()</c>.</param>
    /// <example>
    /// <code>
    /// var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label")
    ///     .Append(mlContext.MulticlassClassification.Trainers.MsVit())
    ///     .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
    /// </code>
    /// </example>
    public static MsVitTrainer MsVit(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = DefaultColumnNames.Label,
        string imageColumnName = "Image",
        MsVitConfig? network = null,
        TrainingRecipe? recipe = null)
    {
        var options = new MsVitOptions { LabelColumnName = labelColumnName, ImageColumnName = imageColumnName };
        options.Network = network ?? options.Network;
        options.Recipe = recipe ?? options.Recipe;
        return catalog.MsVit(options);
    }

    /// <summary>Makes a trainer of spiking vision transformers with every choice.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="options">The choices; later changes to the object do not reach the trainer.</param>
    /// <exception cref="ArgumentException">Some values are out of range; the message names them all.</exception>
    public static MsVitTrainer MsVit(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, MsVitOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return new MsVitTrainer(CatalogUtils.GetEnvironment(catalog), options);
    }

    /// <summary>Makes a model of a file of weights: what <see cref="MsVitTransformer.SaveWeights"/> wrote, or weights from elsewhere.</summary>
    /// <remarks>
    /// Safetensors, and state dicts that torch.save wrote, also within a checkpoint; nothing in a file is run. Names are those of any of the reference's
    /// networks. The model is saved by <c>mlContext.Model.Save</c>, and trained further by <see cref="MsVitOptions.StartFrom"/>.
    /// </remarks>
    /// <param name="catalog"><c>mlContext.Model</c>.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">What weights from elsewhere do not say of themselves; null for a file of <see cref="MsVitTransformer.SaveWeights"/>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It cannot be read, holds more than weights, or does not fit the network: the message names all that does not.</exception>
    /// <exception cref="ArgumentException">The options do not go together.</exception>
    public static MsVitTransformer LoadMsVitWeights(this ModelOperationsCatalog catalog, string path, MsVitWeightsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return new(CatalogUtils.GetEnvironment(catalog), ModelWeights.Load(path, options?.Card()));
    }

    /// <summary>Loads a model as <c>mlContext.Model.Load</c> does, with one clear error where that wraps the reason in others.</summary>
    /// <param name="catalog"><c>mlContext.Model</c>.</param>
    /// <param name="path">The file that <c>mlContext.Model.Save</c> wrote.</param>
    /// <param name="inputSchema">The schema that was saved with it.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no model, it is damaged, or it was written by a newer version; the message says which.</exception>
    public static ITransformer LoadMsVit(this ModelOperationsCatalog catalog, string path, out DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        try
        {
            return catalog.Load(path, out inputSchema);
        }
        catch (Exception e) when (e is not (FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException or OutOfMemoryException))
        {
            var reason = e.GetBaseException();
            if (reason is DllNotFoundException)
            {
                throw new DllNotFoundException(reason.Message, e);
            }
            throw new InvalidDataException($"{path} is not a model that can be loaded: {reason.Message}", e);
        }
    }
}
