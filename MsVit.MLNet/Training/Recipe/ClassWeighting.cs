using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>How much the samples of each class count in the loss.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ClassWeighting>))]
public enum ClassWeighting
{
    /// <summary>All samples alike.</summary>
    None,

    /// <summary>A class of n_c of all n samples, among k classes, by n / (k n_c), so that all classes count alike.</summary>
    Balanced,
}
