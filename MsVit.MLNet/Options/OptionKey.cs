using System.Reflection;
using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>An option that can be set by name.</summary>
/// <param name="Part">Network, Recipe, or empty for the options themselves.</param>
/// <param name="Path">The names of the properties within the part, joined by dots; empty for the part as a whole.</param>
/// <param name="Type">The type of the value.</param>
internal sealed record OptionKey(string Part, string Path, Type Type)
{
    private static readonly Type[] PlainTypes =
        [typeof(int), typeof(long), typeof(double), typeof(float), typeof(bool), typeof(string), typeof(TimeSpan)];

    private static readonly string[] Parts = [nameof(MsVitOptions.Network), nameof(MsVitOptions.Recipe)];

    /// <summary>Every key: the network's, the recipe's, then the plain options.</summary>
    public static IReadOnlyList<OptionKey> All { get; } =
    [
        new(Parts[0], "", typeof(string)),
        .. Below(Parts[0], "", typeof(MsVitConfig)),
        new(Parts[1], "", typeof(string)),
        .. Below(Parts[1], "", typeof(TrainingRecipe)),
        .. from property in typeof(MsVitOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
           let type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType
           where property.SetMethod is not null && (type.IsEnum || PlainTypes.Contains(type) || property.Name == ClassWeights.Option)
           select new OptionKey("", property.Name, property.PropertyType),
    ];

    /// <summary>The full name, such as Recipe.Images.CropPadding.</summary>
    public string Name => Part.Length == 0 ? Path : Path.Length == 0 ? Part : $"{Part}.{Path}";

    /// <summary>Whether this is the network or the recipe as a whole, set by the name of a preset or recipe.</summary>
    public bool IsPart => Path.Length == 0;

    /// <summary>The shortest name that <see cref="Find"/> knows, such as Images.CropPadding.</summary>
    public string ShortName => !IsPart && All.Count(key => !key.IsPart && key.Path == Path) == 1 ? Path : Name;

    /// <summary>The names of its values, for a key that takes one of a few; otherwise empty.</summary>
    public IReadOnlyList<string> ValueNames
    {
        get
        {
            var type = Nullable.GetUnderlyingType(Type) ?? Type;
            return IsPart && Part == Parts[0] ? [.. MsVitConfig.Presets.Select(preset => preset.Name)]
                : IsPart ? [.. TrainingRecipes.All.Select(recipe => recipe.Name)]
                : type.IsEnum ? Enum.GetNames(type)
                : type == typeof(bool) ? ["true", "false"]
                : type == typeof(Surrogate) ? Enum.GetNames<SurrogateFunction>()
                : Path == ClassWeights.Option ? Enum.GetNames<ClassWeighting>()
                : [];
        }
    }

    /// <summary>Finds a key by name, in any case; the part may be left out if no other part has the same path.</summary>
    /// <exception cref="ArgumentException">No key has the name, or two have.</exception>
    public static OptionKey Find(string name)
    {
        OptionKey[] found = [.. All.Where(key => key.Name.Equals(name, StringComparison.OrdinalIgnoreCase))];
        if (found.Length == 0)
        {
            found = [.. All.Where(key => !key.IsPart && key.Path.Equals(name, StringComparison.OrdinalIgnoreCase))];
        }
        if (found.Length == 1)
        {
            return found[0];
        }
        if (found.Length > 1)
        {
            throw new ArgumentException($"'{name}' is ambiguous: write {string.Join(" or ", found.Select(key => key.Name))}.");
        }
        var question = NearestNames.Question(name, All.Select(key => key.Name));
        throw new ArgumentException(question.Length > 0
            ? $"There is no option '{name}'.{question}"
            : $"There is no option '{name}'. There are options of the network (such as TimeSteps and Depths), "
                + "of the recipe (LearningRate, Images.CropPadding) and of training (ValidationFraction).");
    }

    private static IEnumerable<OptionKey> Below(string part, string above, Type owner)
    {
        foreach (var property in owner.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.SetMethod is null || property.GetCustomAttribute<JsonIgnoreAttribute>() is not null)
            {
                continue;
            }
            var path = above.Length == 0 ? property.Name : $"{above}.{property.Name}";
            yield return new(part, path, property.PropertyType);
            if (IsRecord(property.PropertyType))
            {
                foreach (var key in Below(part, path, property.PropertyType))
                {
                    yield return key;
                }
            }
        }
    }

    // A type that is written to JSON as an object with its properties.
    private static bool IsRecord(Type type) =>
        type.IsClass && type.Assembly == typeof(OptionKey).Assembly && type.GetCustomAttribute<JsonConverterAttribute>() is null;
}
