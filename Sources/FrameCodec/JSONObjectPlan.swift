// SPDX-License-Identifier: Apache-2.0
// How the tables of a layout nest in the JSON form.

/// One object of the JSON form: the members of its table, then objects.
struct JSONObjectPlan: Sendable {
    /// Its member name in the object around it; empty for the outermost.
    let name: String
    /// The table at this path, if there is one.
    var table: Int?
    /// Indices of the objects within, in the order of their first tables.
    var objects: [Int] = []

    private struct Place: Hashable {
        let parent: Int
        let name: Substring
    }

    /// All objects that the tables' paths name; the first is the outermost.
    static func plan(of tables: [Table]) -> [JSONObjectPlan] {
        var plan = [JSONObjectPlan(name: "")]
        var known: [Place: Int] = [:]
        for (tableIndex, table) in tables.enumerated() {
            var current = 0
            for name in table.pathNames {
                let place = Place(parent: current, name: name)
                if let object = known[place] {
                    current = object
                } else {
                    known[place] = plan.count
                    plan.append(JSONObjectPlan(name: String(name)))
                    plan[current].objects.append(plan.count - 1)
                    current = plan.count - 1
                }
            }
            plan[current].table = tableIndex
        }
        return plan
    }
}
