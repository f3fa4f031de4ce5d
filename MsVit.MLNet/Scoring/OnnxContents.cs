using System.Globalization;
using System.Text.Json;

namespace MsVit.MLNet;

/// <summary>The names, labels and metadata of an ONNX model.</summary>
internal static class OnnxContents
{
    /// <summary>Takes them from the card of a model.</summary>
    public static OnnxExport Of(ModelCard card)
    {
        var metadata = new Dictionary<string, string>
        {
            ["network"] = card.Network.ToJson(),
            ["labels"] = JsonSerializer.Serialize(Enumerable.Range(0, card.Labels.Count).Select(card.Labels.NameOf)),
            ["training"] = card.Training.ToText(),
        };
        if (!card.Input.IsFrames)
        {
            metadata["image_fit"] = card.Input.Fit.ToString();
            metadata["crop_share"] = card.Input.CropShare.ToString(CultureInfo.InvariantCulture);
            metadata["pixel_range"] = card.Input.PixelRange.ToString(CultureInfo.InvariantCulture);
        }
        return new()
        {
            InputName = card.InputColumnName,
            ScoreName = card.Columns.Score,
            PredictedLabelName = card.Columns.PredictedLabel,
            Normalization = new(card.Input.Mean, card.Input.Deviation, card.Input.PixelRange),
            TextLabels = card.Labels.IsText ? card.Labels.Values : null,
            Metadata = metadata,
            LibraryVersion = card.Training.LibraryVersion,
        };
    }
}
