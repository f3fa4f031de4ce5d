using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>How much the samples of each class count in the loss.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ClassWeighting>))]
public enum ClassWeighting
{
    /// <summary>All samples count equally.</summary>
    None,

    /// <summary>
    /// Each sample of a class with n_c of all n samples has the weight n / (k n_c), with k classes, so that all classes count equally.
    /// </summary>
    Balanced,
}
