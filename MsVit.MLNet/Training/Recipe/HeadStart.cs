using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>Where the weights of a new head come from when training starts from a trained model.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<HeadStart>))]
public enum HeadStart
{
    /// <summary>They are drawn at random.</summary>
    None,

    /// <summary>
    /// They are the linear discriminant of the starting network's features on the training samples, computed in one pass before the first
    /// epoch. A head whose classes are those of the starting model is kept as it is.
    /// </summary>
    Discriminant,
}
