using System.Globalization;
using System.Text.Json;

namespace MsVit.MLNet;

/// <summary>The names, labels and metadata of an ONNX model.</summary>
internal static class OnnxContents
{
    /// <summary>The version of what <see cref="OnnxModel"/> reads: <see cref="CardKey"/> and <see cref="FramesKey"/>.</summary>
    public const int Format = 1;

    /// <summary>The metadata with that version.</summary>
    public const string FormatKey = "msvit_format";

    /// <summary>The metadata with the card as JSON.</summary>
    public const string CardKey = "msvit_card";

    /// <summary>The metadata with the options by which recordings become frames, as JSON; only if they are known.</summary>
    public const string FramesKey = "msvit_frames";

    /// <summary>Takes them from the card of a model.</summary>
    /// <param name="card">The card.</param>
    /// <param name="frames">How recordings become frames, as JSON; null if unknown.</param>
    public static OnnxExport Of(ModelCard card, string? frames)
    {
        var metadata = new Dictionary<string, string>
        {
            ["network"] = card.Network.ToJson(),
            ["labels"] = JsonSerializer.Serialize(Enumerable.Range(0, card.Labels.Count).Select(card.Labels.NameOf)),
            ["training"] = card.Training.ToText(),
            [FormatKey] = Format.ToString(CultureInfo.InvariantCulture),
            [CardKey] = ModelArchive.ToJson(card),
        };
        if (frames is not null)
        {
            metadata[FramesKey] = frames;
        }
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
