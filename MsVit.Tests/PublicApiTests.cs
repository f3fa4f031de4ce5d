using System.Reflection;
using System.Text;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests;

public sealed class PublicApiTests
{
    private const string Approved = "MsVit.Tests/PublicApi.approved.txt";

    [Fact]
    public void The_public_api_is_the_approved_one()
    {
        var actual = Describe(typeof(MsVitTrainer).Assembly);
        var approved = File.Exists(RepositoryRoot.File(Approved))
            ? File.ReadAllText(RepositoryRoot.File(Approved)).ReplaceLineEndings("\n") : "";
        if (actual != approved)
        {
            File.WriteAllText(RepositoryRoot.File(Approved.Replace("approved", "received", StringComparison.Ordinal)), actual);
        }
        Assert.True(actual == approved, $"The public API has changed. Compare PublicApi.received.txt with {Approved}, and replace it if "
            + $"the change is meant.");
    }

    private static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(type.FullName).Append(Bases(type)).Append('\n');
            var members = type.IsEnum
                ? Enum.GetNames(type).Select(name => $"{name} = {(int)Enum.Parse(type, name)}")
                : type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
                    .Where(member => member is not MethodInfo { IsSpecialName: true } and not Type
                        && !member.Name.Contains('<', StringComparison.Ordinal))
                    .Select(Describe).OrderBy(line => line, StringComparer.Ordinal);
            foreach (var member in members)
            {
                text.Append("  ").Append(member).Append('\n');
            }
        }
        return text.ToString();
    }

    private static string Bases(Type type)
    {
        if (type.IsEnum)
        {
            return " (enum)";
        }
        IEnumerable<Type> bases = type.GetInterfaces().OrderBy(i => i.Name, StringComparer.Ordinal);
        if (type.BaseType is { } parent && parent != typeof(object))
        {
            bases = bases.Prepend(parent);
        }
        var names = bases.Where(b => b.IsPublic).Select(Name).ToArray();
        return names.Length == 0 ? "" : " : " + string.Join(", ", names);
    }

    private static string Describe(MemberInfo member) => member switch
    {
        PropertyInfo property => $"{Name(property.PropertyType)} {property.Name} "
            + $"{{{(property.GetMethod?.IsPublic == true ? " get;" : "")}{Setter(property)} }}",
        MethodInfo method => $"{(method.IsStatic ? "static " : "")}{Name(method.ReturnType)} {method.Name}({Parameters(method)})",
        ConstructorInfo constructor => $"new({Parameters(constructor)})",
        FieldInfo field => $"{(field.IsLiteral ? "const " : "")}{Name(field.FieldType)} {field.Name}",
        _ => member.ToString()!,
    };

    private static string Setter(PropertyInfo property) => property.SetMethod is not { IsPublic: true } setter ? ""
        : setter.ReturnParameter.GetRequiredCustomModifiers().Any(type => type.Name == "IsExternalInit") ? " init;" : " set;";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{Name(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? $" = {parameter.RawDefaultValue ?? "null"}" : "")}"));

    private static string Name(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.Name;
}
